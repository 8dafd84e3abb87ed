import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";
import type { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type * as EngineProto from "@pulumi/pulumi/proto/engine_pb";
import { engineAddress } from "./address";

/** How long one line may take to reach the engine before it goes to the console instead. */
const lineTimeoutMs = 2_000;

/** Lines on one resource's own row in Pulumi's display. Best effort: a line never fails or delays an operation. */
export interface ResourceLog {
  /** What is going on now; the next line replaces it on a terminal. */
  progress(text: string): void;
  /** A line that stays in the diagnostics. */
  info(text: string): void;
  /** A warning, which stays in the diagnostics. */
  warn(text: string): void;
  /** Waits (2 s at most) until the lines so far are shown: call it before a hook returns. */
  flush(): Promise<void>;
}

/**
 * The log of the resource with this URN.
 *
 * @param urn - empty: the lines show under the stack.
 * @param address - the engine's `host:port`; without one, lines go to the console.
 */
export function createResourceLog(urn: string, address: string | undefined = engineAddress()): ResourceLog {
  let pending: Promise<void> = Promise.resolve();
  const send = (severity: Severity, ephemeral: boolean) => (message: string) => {
    // one after the other: the engine shows lines in the order in which they arrive
    pending = pending.then(() => deliver({ urn, message, severity, ephemeral }, address));
  };
  return {
    progress: send("INFO", true),
    info: send("INFO", false),
    warn: send("WARNING", false),
    flush: () => pending,
  };
}

type Severity = "INFO" | "WARNING";

interface Line {
  urn: string;
  message: string;
  severity: Severity;
  ephemeral: boolean;
}

async function deliver(line: Line, address: string | undefined): Promise<void> {
  try {
    if (address === undefined || unreachable.has(address)) return toConsole(line);
    await toEngine(line, address);
  } catch {
    if (address !== undefined) unreachable.add(address);
    toConsole(line);
  }
}

/** Engines that once did not take a line in time: asking again would delay every later line. */
const unreachable = new Set<string>();
const clients = new Map<string, EngineClient>();

function toEngine({ urn, message, severity, ephemeral }: Line, address: string): Promise<void> {
  const { grpc, proto, service } = engineApi();
  let client = clients.get(address);
  if (!client) {
    client = new service.EngineClient(address, grpc.credentials.createInsecure());
    clients.set(address, client);
  }
  const request = new proto.LogRequest()
    .setUrn(urn)
    .setMessage(message)
    .setSeverity(proto.LogSeverity[severity])
    .setEphemeral(ephemeral);
  const deadline = Date.now() + lineTimeoutMs;
  const asked = client;
  return new Promise((resolve, reject) => {
    asked.log(request, new grpc.Metadata(), { deadline }, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The console of a provider process shows under the stack; progress would be noise there. */
function toConsole({ message, severity, ephemeral }: Line): void {
  if (ephemeral) return;
  if (severity === "WARNING") console.warn(message);
  else console.log(message);
}

interface EngineApi {
  grpc: typeof Grpc;
  proto: typeof EngineProto;
  service: { EngineClient: typeof EngineClient };
}

let loaded: EngineApi | undefined;

/** gRPC as `@pulumi/pulumi` itself resolves it: a second copy's credentials would not be accepted. */
function engineApi(): EngineApi {
  if (!loaded) {
    const fromSdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
    loaded = {
      grpc: fromSdk("@grpc/grpc-js") as typeof Grpc,
      proto: fromSdk("@pulumi/pulumi/proto/engine_pb") as typeof EngineProto,
      service: fromSdk("@pulumi/pulumi/proto/engine_grpc_pb") as EngineApi["service"],
    };
  }
  return loaded;
}
