import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";

/** A gRPC server on loopback that takes lines as the Pulumi engine does. */
export interface EngineServer {
  address: string;
  lines: LogRequest.AsObject[];
  close(): void;
}

/** @param answer - called for each line; a line whose answer never settles is never acknowledged. */
export async function startEngineServer(answer: () => Promise<void> = () => Promise.resolve()): Promise<EngineServer> {
  const server = new grpc.Server();
  const lines: LogRequest.AsObject[] = [];
  // the answer is an empty message, which is no bytes
  const service = { log: { ...EngineService.log, responseSerialize: () => Buffer.alloc(0) } };
  const log: grpc.handleUnaryCall<LogRequest, object> = (call, respond) => {
    lines.push(call.request.toObject());
    void answer().then(() => respond(null, {}));
  };
  server.addService(service, { log });
  const address = `127.0.0.1:${await bindNewPort(server)}`;
  return { address, lines, close: () => server.forceShutdown() };
}

const usedPorts = new Set<number>();

/** A port that no engine of this process had: the fence takes the address of an engine that is gone as gone for good. */
async function bindNewPort(server: grpc.Server): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    if (!usedPorts.has(port)) {
      usedPorts.add(port);
      return port;
    }
    server.unbind(`127.0.0.1:${port}`);
  }
}
