/** Request bodies, refused as Flink refuses them. Fields that Flink does not know are ignored, as there. */
import { bodyError } from "./javaErrors";

type JsonObject = Readonly<Record<string, unknown>>;

export function parseBody(raw: Buffer, bodyName: string): JsonObject {
  const text = raw.toString("utf8");
  // Flink takes no body for an empty one.
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bodyError(bodyName, `Unrecognized token '${text.slice(0, 20)}'`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bodyError(bodyName, "Cannot construct instance");
  }
  return { ...value };
}

export function optionalString(
  body: JsonObject,
  field: string,
  bodyName: string,
  allowed?: readonly string[],
): string | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" || allowed?.includes(value) === false) {
    const values =
      allowed === undefined ? "" : `: not one of the values accepted for Enum class: [${allowed.join(", ")}]`;
    throw bodyError(bodyName, `Cannot deserialize value of field "${field}"${values}`);
  }
  return value;
}

export function optionalBoolean(body: JsonObject, field: string, bodyName: string): boolean | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw bodyError(bodyName, `Cannot deserialize value of field "${field}"`);
  return value;
}

export function optionalNumber(body: JsonObject, field: string, bodyName: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw bodyError(bodyName, `Cannot deserialize value of field "${field}"`);
  return value;
}

export function stringList(body: JsonObject, field: string, bodyName: string): string[] | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw bodyError(bodyName, `Cannot deserialize value of field "${field}"`);
  return value.map(String);
}

export function stringMap(body: JsonObject, field: string, bodyName: string): Record<string, string> {
  const value = body[field] ?? {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw bodyError(bodyName, `Cannot deserialize value of field "${field}"`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
}

function hexId(
  body: JsonObject,
  field: string,
  bodyName: string,
  message: (value: string) => string,
): string | undefined {
  const value = optionalString(body, field, bodyName);
  if (value !== undefined && !/^[0-9a-f]{32}$/i.test(value)) throw bodyError(bodyName, message(value));
  return value?.toLowerCase();
}

export function triggerIdOf(body: JsonObject, bodyName: string): string | undefined {
  return hexId(body, "triggerId", bodyName, (value) => `For input string: "${value}" under radix 16`);
}

export function jobIdIn(body: JsonObject, bodyName: string): string | undefined {
  return hexId(
    body,
    "jobId",
    bodyName,
    (value) =>
      `Cannot parse JobID from "${value}". The expected format is [0-9a-fA-F]{32}, e.g. fd72014d4c864993a2e5a9287b4a9c5d.`,
  );
}
