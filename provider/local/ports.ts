import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const LOOPBACK = "127.0.0.1";

/** Systems give clients ports from 32768 on, Kubernetes services those from 30000: these here nobody gets by chance. */
const [FIRST_PORT, LAST_PORT] = [10_000, 29_999];
const ATTEMPTS = 100;

interface Holder {
  readonly port: number;
  readonly release: () => Promise<void>;
}

/**
 * Ports that were free on the loopback interface a moment ago, all different. While its process is down for a while, none
 * is given to another that asks the system for any.
 */
export async function freePorts(count: number): Promise<number[]> {
  // All are held at once, or one could be found twice.
  const held = await Promise.all(Array.from({ length: count }, () => holdAny()));
  await Promise.all(held.map((holder) => holder.release()));
  return held.map((holder) => holder.port);
}

async function holdAny(): Promise<Holder> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await hold(randomInt(FIRST_PORT, LAST_PORT + 1));
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
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

async function hold(port: number): Promise<Holder> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      resolve({ port, release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}
