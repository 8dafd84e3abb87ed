import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";

/** A gRPC server on loopback that takes lines as the Pulumi engine does. */
export interface EngineServer {
  address: string;
  lines: LogRequest.AsObject[];
  close(): void;
}

/**
 * @param answer - called for each line; a line whose answer never settles is never acknowledged.
 * @param at - the address of an engine that is gone. Default: one that no engine of this process had.
 */
export async function startEngineServer(
  answer: () => Promise<void> = () => Promise.resolve(),
  at?: string,
): Promise<EngineServer> {
  const server = new grpc.Server();
  const lines: LogRequest.AsObject[] = [];
  // the answer is an empty message, which is no bytes
  const service = { log: { ...EngineService.log, responseSerialize: () => Buffer.alloc(0) } };
  const log: grpc.handleUnaryCall<LogRequest, object> = (call, respond) => {
    lines.push(call.request.toObject());
    void answer().then(() => respond(null, {}));
  };
  server.addService(service, { log });
  const address = `127.0.0.1:${at === undefined ? await bindNewPort(server) : await bind(server, at)}`;
  return { address, lines, close: () => server.forceShutdown() };
}

const usedPorts = new Set<number>();

/** No engine of this process is to have this port: the fence has seen something end there. */
export function neverAgain(port: number): void {
  usedPorts.add(port);
}

/** A port that no engine of this process had: the fence takes the address of an engine that is gone as gone for good. */
async function bindNewPort(server: grpc.Server): Promise<number> {
  for (;;) {
    const port = await bind(server, "127.0.0.1:0");
    if (!usedPorts.has(port)) {
      usedPorts.add(port);
      return port;
    }
    server.unbind(`127.0.0.1:${port}`);
  }
}

function bind(server: grpc.Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
}
