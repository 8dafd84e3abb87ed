import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { withoutPulumi } from "./environment";

/** How a command ended. */
export interface CommandResult {
  /** Undefined when the executable does not exist. */
  readonly exitCode: number | undefined;
  /** Standard output and standard error, in the order of arrival. */
  readonly output: string;
}

/** Runs a command to its end, without Pulumi's own variables in its environment; never throws because of how the command ends. */
export async function runCommand(
  executable: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; onLine?: (line: string) => void } = {},
): Promise<CommandResult> {
  const lines: string[] = [];
  return await new Promise<CommandResult>((resolve, reject) => {
    const child = spawn(executable, [...args], {
      env: withoutPulumi(options.env),
      cwd: options.cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        options.onLine?.(line);
      });
    }
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "EACCES") {
        resolve({ exitCode: undefined, output: "" });
      } else {
        reject(error);
      }
    });
    child.once("close", (code, signal) => {
      resolve({
        exitCode: code ?? 128,
        output: [...lines, ...(signal === null ? [] : [`ended by ${signal}`])].join("\n"),
      });
    });
  });
}
