import { createServer } from "node:net";

const LOOPBACK = "127.0.0.1";

/** Ports that were free on the loopback interface a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held at once, or the system could name the same one twice.
  const held = await Promise.all(Array.from({ length: count }, () => hold(0)));
  await Promise.all(held.map((holder) => holder.release()));
  return held.map((holder) => holder.port);
}

/** Whether a port is free on the loopback interface now. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    await (await hold(port)).release();
    return true;
  } catch {
    return false;
  }
}

async function hold(port: number): Promise<{ port: number; release: () => Promise<void> }> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      if (address === null || typeof address === "string") {
        reject(new Error("a TCP server has no port"));
        return;
      }
      resolve({
        port: address.port,
        release: () => new Promise((released) => server.close(() => released())),
      });
    });
  });
}
