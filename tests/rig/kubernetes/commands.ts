import { runCommand } from "../../../provider/local/command";

/**
 * Runs a command that has to succeed.
 *
 * @returns what it printed.
 * @throws Error with the last lines of what it printed.
 */
export async function run(
  executable: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; onLine?: (line: string) => void } = {},
): Promise<string> {
  const { exitCode, output } = await runCommand(executable, args, options);
  if (exitCode === 0) return output;
  if (exitCode === undefined) throw new Error(`${executable} is not on PATH`);
  const tail = output.split("\n").slice(-15).join("\n");
  throw new Error(`${executable} ${args.slice(0, 4).join(" ")} failed (exit ${exitCode}):\n${tail}`);
}
