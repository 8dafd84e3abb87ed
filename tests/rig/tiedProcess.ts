import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs/promises";
import * as path from "node:path";

/** A server beside this process, in a folder of its own. */
export interface TiedProcess {
  /** What it has printed so far. */
  log(): Promise<string>;
  /** Ends it and removes its folder. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a server that ends with this process, however this process ends.
 *
 * @param directory - its own: it goes when the server does.
 */
export function startTied(
  directory: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): TiedProcess {
  // A shell between: the end of its standard input, which this process holds, is the server's end.
  const script = [
    'directory="$1"; shift',
    '"$@" >"$directory/log" 2>&1 </dev/null & server=$!',
    "cat >/dev/null",
    'kill $server; wait $server; rm -rf "$directory"',
  ].join("\n");
  const child = spawn("/bin/sh", ["-c", script, "tied", directory, ...command], {
    // Not in the terminal's group: Ctrl-C ends this process, and that ends the server in order.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    env: { ...process.env, ...environment },
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return {
    log: () => fs.readFile(path.join(directory, "log"), "utf8").catch(() => ""),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      child.stdin?.end();
      await once(child, "exit");
    },
  };
}
