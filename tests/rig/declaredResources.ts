import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";

/** A resource that a program has registered. */
export interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  /** The URN of its parent. */
  readonly parent: string;
  /** URNs of all that it waits for. */
  readonly dependencies: readonly string[];
  readonly provider: string;
  readonly isProtected: boolean;
  /** Names that it had before. */
  readonly aliases: readonly string[];
}

interface DeclareOptions {
  readonly isDryRun?: boolean;
  /** What each identity was called when it was made. Default: as now. */
  readonly madeAs?: string;
  /** The stack's configuration, as text by key. */
  readonly config?: Record<string, string>;
  /** More of it, marked as secret. */
  readonly secretConfig?: Record<string, string>;
  /** Is told each warning. Default: the console. */
  onWarning?: (message: string) => void;
}

export const INCARNATION = "0123456789abcdef0123456789abcdef";

/** Runs a program against mocks in which everything that is made is there at once. */
export async function declare(program: () => unknown, options: DeclareOptions = {}): Promise<Made[]> {
  const { isDryRun = false } = options;
  const made: Made[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => ({
      id: name,
      state: stateOf(type, inputs as Record<string, unknown>, options),
    }),
    call: () => ({}),
  };
  await pulumi.runtime.setMocks(mocks, "project", "stack", isDryRun);
  const { config = {}, secretConfig = {} } = options;
  pulumi.runtime.setAllConfig({ ...config, ...secretConfig }, Object.keys(secretConfig));
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: RegisterResourceRequest, answer: unknown): Promise<void>;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, answer) => {
    made.push({
      type: request.getType(),
      name: request.getName(),
      inputs: request.getObject()?.toJavaScript() ?? {},
      parent: request.getParent(),
      dependencies: request.getDependenciesList(),
      provider: request.getProvider(),
      isProtected: request.getProtect() === true,
      aliases: request.getAliasesList().map((alias) => alias.getSpec()?.getName() ?? alias.getUrn()),
    });
    return register(request, answer);
  };
  const { warn } = console;
  // Where Pulumi's log goes when there is no engine.
  if (options.onWarning !== undefined) console.warn = options.onWarning;
  try {
    await pulumi.runtime.runInPulumiStack(() => Promise.resolve(program()) as Promise<never>);
    await pulumi.runtime.disconnect();
  } finally {
    console.warn = warn;
    pulumi.runtime.setAllConfig({});
    pulumi.runtime.resetOptions("", "", -1, "", "", false, "");
  }
  return made;
}

function stateOf(type: string, inputs: Record<string, unknown>, { isDryRun, madeAs }: DeclareOptions): object {
  if (type.endsWith(":EndpointSlice")) return { endpoints: [{ addresses: ["10.1.2.3"] }, { addresses: ["10.1.2.3"] }] };
  if (type.endsWith(":Identity")) {
    const outputs = { uid: INCARNATION, epoch: "e".repeat(16), ...(madeAs === undefined ? {} : { madeAs }) };
    return { ...inputs, ...(isDryRun === true ? {} : outputs) };
  }
  if (type.endsWith(":Savepoint")) return { ...inputs, path: inputs["adoptPath"] ?? "file:/savepoints/savepoint-1" };
  if (type.endsWith(":ClusterRegistration")) return { ...inputs, runningVersion: "1.20.0" };
  const { metadata, ...rest } = inputs;
  return { ...rest, metadata: { namespace: "default", ...(metadata as object | undefined) } };
}

/** What is within the wrapping that marks a secret, at any depth. */
export function withoutSecretMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecretMarks);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET_MARK in value) return withoutSecretMarks((value as unknown as { value: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecretMarks(inner)]));
}

/** The key by which Pulumi tells a secret from another object. */
export const SECRET_MARK = "4dabf18193072939515e22adb298388d";
