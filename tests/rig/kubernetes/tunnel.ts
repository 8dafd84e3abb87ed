import * as net from "node:net";

/**
 * Passes connections on. Between the two network namespaces it takes two of these, with a socket file in between: a
 * file is seen from both.
 */
export async function listenAndPass(listen: net.ListenOptions, to: net.NetConnectOpts): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    const far = net.connect({ ...to, allowHalfOpen: true });
    near.pipe(far);
    far.pipe(near);
    // Either end that is cut off cuts the other.
    near.once("error", () => far.destroy());
    far.once("error", () => near.destroy());
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(listen, resolve);
  });
  return server;
}
