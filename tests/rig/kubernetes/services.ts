import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** A program that runs for as long as the cluster does. */
export interface Service {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a service; what it prints goes to `<logs>/<name>.log`.
 *
 * @param onEnd told when it ends, which none should.
 */
export function startService({ name, command, env }: Service, logs: string, onEnd: (why: string) => void): void {
  fs.mkdirSync(logs, { recursive: true });
  const log = fs.openSync(path.join(logs, `${name}.log`), "a");
  const [executable, ...args] = command;
  const child = spawn(executable, args, { stdio: ["ignore", log, log], env: { ...process.env, ...env } });
  fs.closeSync(log);
  child.once("error", (error) => onEnd(`${name} could not be started: ${error.message}`));
  child.once("exit", (code, signal) => onEnd(`${name} ended (${signal ?? `exit ${code}`})`));
}

/** The last lines that a service printed. */
export function lastLines(logs: string, name: string, count = 8): string {
  const file = path.join(logs, `${name}.log`);
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n") : "";
}
