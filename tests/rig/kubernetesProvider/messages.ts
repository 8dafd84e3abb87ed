import * as grpc from "@grpc/grpc-js";
import { CheckResponse, DiffResponse, ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { isObject } from "./changes";
import type { DiffResult, Properties } from "./operations";

/** How the engine marks a secret, or an asset, in properties. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export function fromStruct(struct: Struct | undefined): Properties {
  return (struct === undefined ? {} : unwrapped(struct.toJavaScript())) as Properties;
}

export function toStruct(properties: object): Struct {
  // Without what is undefined, which a Struct cannot hold.
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>);
}

/** In clear: the API server wants it so. The engine marks the same outputs secret again. */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === SECRET) return unwrapped(value["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrapped(item)]));
}

export function checkResponse(inputs: Properties): CheckResponse {
  return new CheckResponse().setInputs(toStruct(inputs));
}

export function diffResponse({ changed, replaces, deleteBeforeReplace }: DiffResult): DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  return new DiffResponse()
    .setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList(firstParts(changed))
    .setReplacesList(firstParts(replaces))
    .setDeletebeforereplace(deleteBeforeReplace);
}

/** The engine knows properties by their first names, unless it is told in detail. */
function firstParts(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => path.split(/[.[]/)[0] ?? path))];
}

export function failure(error: unknown): grpc.ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(message), {
    code: grpc.status.UNKNOWN,
    details: message,
    metadata: new grpc.Metadata(),
  });
}

/** The resource is there, but not as it should be: it goes into the state, and the next `up` waits for it again. */
export function initializationFailure(
  id: string,
  outputs: object,
  inputs: Properties,
  reasons: readonly string[],
): grpc.ServiceError {
  const detail = new ErrorResourceInitFailed()
    .setId(id)
    .setProperties(toStruct(outputs))
    .setInputs(toStruct(inputs))
    .setReasonsList([...reasons]);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const error = failure(new Error(`${id} was made, but did not become ready:\n${reasons.join("\n")}`));
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(error.details);
  status.addDetails(packed);
  error.metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return error;
}
