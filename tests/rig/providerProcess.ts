import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import * as grpc from "@grpc/grpc-js";
import type { Metadata, ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { atEnd } from "./atEnd";
import { repositoryRoot } from "./repository";

type Struct = NonNullable<Parameters<messages.CheckRequest["setNews"]>[0]>;

/** As `@pulumi/pulumi` itself resolves it: a second copy's messages would not be taken. */
const { Struct: StructClass } = createRequire(require.resolve("@pulumi/pulumi/package.json"))(
  "google-protobuf/google/protobuf/struct_pb",
) as { Struct: { fromJavaScript(value: object): Struct } };

/** The properties of a resource, as they cross the boundary between the engine and a provider. */
export type Properties = Record<string, unknown>;

/** A hook failed. */
export class HookError extends Error {
  constructor(
    message: string,
    /** Of a partial failure: what the engine keeps of it. */
    readonly partial: { readonly id: string; readonly properties: Properties } | undefined,
  ) {
    super(message);
  }
}

/** The provider's process ended before it had answered. */
export class ProviderGoneError extends Error {}

const PROVIDER = require.resolve("@pulumi/pulumi/cmd/dynamic-provider/index.js");
const FAILURE_DETAILS = "grpc-status-details-bin";
const PARTIAL_FAILURE = "pulumirpc.ErrorResourceInitFailed";
/** As of the engine's own client: states are larger than gRPC's 4 MB. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/** A process of Pulumi's host for dynamic providers, spoken to over gRPC as the engine does. */
export class ProviderProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly ended: Promise<void>,
    private readonly client: ResourceProviderClient,
    private readonly output: string[],
  ) {}

  /**
   * Starts one in this checkout's folder, so that the serialized providers find the package.
   *
   * @param engineAddress - where the engine takes lines, and whose end is the fence's.
   */
  static async start(engineAddress: string): Promise<ProviderProcess> {
    const child = spawn(process.execPath, [PROVIDER, engineAddress], {
      cwd: repositoryRoot,
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Each call that goes on listens for its end.
    child.setMaxListeners(0);
    const output: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk.toString()));
    const forget = atEnd(() => child.kill("SIGKILL"));
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve())).then(forget);
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
      void ended.then(() => reject(new Error(`the provider's process ended at once: ${output.join("")}`)));
    });
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk.toString()));
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
      // A later process on the same port is another one.
      "grpc.use_local_subchannel_pool": 1,
    });
    const process_ = new ProviderProcess(child, ended, client, output);
    await process_.configure();
    return process_;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && !this.child.killed;
  }

  /** What it printed. */
  get printed(): string {
    return this.output.join("");
  }

  /** SIGKILL; returns when it is gone. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
    this.client.close();
  }

  async check(urn: string, olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: string[] }> {
    const request = new messages.CheckRequest().setUrn(urn).setOlds(struct(olds)).setNews(struct(news));
    const response = await this.call<messages.CheckResponse>((done) => this.client.check(request, done));
    return {
      inputs: properties(response.getInputs()),
      failures: response.getFailuresList().map((failure) => failure.getReason()),
    };
  }

  async diff(
    urn: string,
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: boolean; replaces: string[] }> {
    const request = new messages.DiffRequest().setUrn(urn).setId(id).setOlds(struct(olds)).setNews(struct(news));
    const response = await this.call<messages.DiffResponse>((done) => this.client.diff(request, done));
    return {
      changes: response.getChanges() !== messages.DiffResponse.DiffChanges.DIFF_NONE,
      replaces: response.getReplacesList(),
    };
  }

  async create(urn: string, inputs: Properties): Promise<{ id: string; properties: Properties }> {
    const request = new messages.CreateRequest().setUrn(urn).setProperties(struct(inputs));
    const response = await this.call<messages.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), properties: properties(response.getProperties()) };
  }

  async update(urn: string, id: string, olds: Properties, news: Properties): Promise<Properties> {
    const request = new messages.UpdateRequest().setUrn(urn).setId(id).setOlds(struct(olds)).setNews(struct(news));
    const response = await this.call<messages.UpdateResponse>((done) => this.client.update(request, done));
    return properties(response.getProperties());
  }

  async read(urn: string, id: string, state: Properties): Promise<{ id: string; properties: Properties }> {
    const request = new messages.ReadRequest().setUrn(urn).setId(id).setProperties(struct(state));
    const response = await this.call<messages.ReadResponse>((done) => this.client.read(request, done));
    return { id: response.getId(), properties: properties(response.getProperties()) };
  }

  async delete(urn: string, id: string, state: Properties): Promise<void> {
    const request = new messages.DeleteRequest().setUrn(urn).setId(id).setProperties(struct(state));
    await this.call((done) => this.client.delete(request, done));
  }

  private async configure(): Promise<void> {
    const request = new messages.ConfigureRequest().setArgs(struct({}));
    await this.call((done) => this.client.configure(request, done));
  }

  private call<T>(send: (done: (error: ServiceError | null, response: T) => void) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      // Nothing of a call outlives it: a process may answer tens of thousands.
      const gone = (): void => reject(new ProviderGoneError("the provider's process was killed"));
      if (!this.isAlive) return gone();
      this.child.once("exit", gone);
      send((error, response) => {
        this.child.off("exit", gone);
        if (error === null) return resolve(response);
        if (error.code === grpc.status.UNAVAILABLE) return reject(new ProviderGoneError(error.message));
        reject(new HookError(error.details, partialOf(error.metadata)));
      });
    });
  }
}

function struct(value: Properties): Struct {
  return StructClass.fromJavaScript(value);
}

function properties(value: { toJavaScript(): unknown } | undefined): Properties {
  return (value?.toJavaScript() ?? {}) as Properties;
}

function partialOf(metadata: Metadata | undefined): HookError["partial"] {
  const bytes = metadata?.get(FAILURE_DETAILS)[0];
  if (bytes === undefined || typeof bytes === "string") return undefined;
  const [detail] = Status.deserializeBinary(bytes).getDetailsList();
  const failure = detail?.unpack(
    (packed) => messages.ErrorResourceInitFailed.deserializeBinary(packed),
    PARTIAL_FAILURE,
  );
  if (failure === null || failure === undefined) return undefined;
  return { id: failure.getId(), properties: properties(failure.getProperties()) };
}
