import * as runtime from "@pulumi/pulumi/runtime";

/**
 * Gives each connection of an inline program to its engine a pool of its own.
 *
 * gRPC keeps what it knows of an address for the whole process, and this process speaks with hundreds of engines: one
 * that was killed leaves its address marked as unreachable, and a later engine on the same port would be refused
 * before it is asked ("14 UNAVAILABLE: No connection established. Last error: null").
 */
export function keepConnectionsApart(): void {
  const { grpcClientOptions } = runtime as unknown as { grpcClientOptions: Record<string, unknown> };
  grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;
}
