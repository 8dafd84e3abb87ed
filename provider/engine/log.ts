import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";
import type { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type * as EngineProto from "@pulumi/pulumi/proto/engine_pb";
import { engineAddress } from "./address";

/** How long one line may take to reach the engine before it goes to the console instead. */
const lineTimeoutMs = 2_000;

/** After that, for so long all lines go to the console: trying each would delay them all. A busy machine recovers. */
const pauseMs = 10_000;

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
export function createResourceLog(
  urn: string,
  address: string | undefined = engineAddress(),
  now: () => number = Date.now,
): ResourceLog {
  let pending: Promise<void> = Promise.resolve();
  const send = (severity: Severity, ephemeral: boolean) => (message: string) => {
    // one after the other: the engine shows lines in the order in which they arrive
    pending = pending.then(() => deliver({ urn, message, severity, ephemeral }, address, now));
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

async function deliver(line: Line, address: string | undefined, now: () => number): Promise<void> {
  if (address === undefined || now() < (pausedUntil.get(address) ?? -Infinity)) return toConsole(line);
  try {
    await toEngine(line, address);
  } catch {
    pausedUntil.set(address, now() + pauseMs);
    toConsole(line);
  }
}

/** By the address of an engine that did not take a line. */
const pausedUntil = new Map<string, number>();
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
