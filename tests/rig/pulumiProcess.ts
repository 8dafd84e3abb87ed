import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import * as path from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";

/** The part of the Automation API's PulumiCommand that it calls: it lets the rig know the process it starts. */
type RunArguments = [
  args: string[],
  cwd: string,
  env: Record<string, string>,
  onOutput?: (text: string) => void,
  onError?: (text: string) => void,
  signal?: AbortSignal,
];

/** Starts the Pulumi CLI for the Automation API, and knows the pids of what it started. */
export class PulumiProcesses {
  /** Whether `up` also has its preview phase, as on a user's command line. */
  withPreview = false;
  private readonly running = new Set<ChildProcess>();
  /** Process groups that killed CLIs left: the engine gives each plugin, and what it starts, one of its own. */
  private readonly left = new Set<number>();

  constructor(private readonly executable: string) {}

  /** What the Automation API takes for its CLI. */
  async command(): Promise<PulumiCommand> {
    const inBin = path.basename(path.dirname(this.executable)) === "bin";
    const real = await PulumiCommand.get(inBin ? { root: path.dirname(path.dirname(this.executable)) } : {});
    return Object.assign(Object.create(real) as PulumiCommand, {
      run: (...args: RunArguments) => this.run(...args),
    });
  }

  /** Runs the CLI; throws {@link CommandFailedError} when it ends with anything but success. */
  async run(...[args, cwd, env, onOutput, onError, signal]: RunArguments) {
    const kept = this.withPreview ? args.filter((arg) => arg !== "--skip-preview") : args;
    const child = spawn(this.executable, ["--non-interactive", ...kept], {
      cwd,
      env: {
        ...process.env,
        ...env,
        PATH: path.dirname(this.executable) + path.delimiter + (env.PATH ?? process.env.PATH ?? ""),
        PULUMI_AUTOMATION_API: "true",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.running.add(child);
    const interrupt = () => child.kill("SIGINT");
    signal?.addEventListener("abort", interrupt);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      onError?.(text);
    });
    try {
      // "exit", not "close": a provider that outlives a killed CLI keeps the pipes open.
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
        child.once("exit", (exitCode, killedBy) => killedBy === "SIGKILL" && resolve(exitCode));
      });
      if (code !== 0) throw new CommandFailedError(code, stdout, stderr);
      return { stdout, stderr, code };
    } finally {
      signal?.removeEventListener("abort", interrupt);
      this.running.delete(child);
      child.stdout.destroy();
      child.stderr.destroy();
    }
  }

  /** The processes of dynamic providers that belong to a running CLI or were left by a killed one. */
  providers(): number[] {
    const table = processTable();
    const groups = new Set([...this.left, ...this.pluginGroups(table)]);
    return table.filter(({ group, args }) => groups.has(group) && isProvider.test(args)).map(({ pid }) => pid);
  }

  /** Ends the running CLI as a power failure would (SIGKILL) and returns the providers that live on. */
  async kill(): Promise<number[]> {
    if (this.running.size === 0) throw new Error("no Pulumi CLI is running");
    for (const group of this.pluginGroups(processTable())) this.left.add(group);
    await Promise.all(
      [...this.running].map(async (cli) => {
        const ended = new Promise((resolve) => cli.once("exit", resolve));
        cli.kill("SIGKILL");
        await ended;
      }),
    );
    return this.providers();
  }

  /** Ends everything that was started here and is still alive. */
  async endAll(): Promise<void> {
    if (this.running.size > 0) await this.kill();
    this.endNow();
  }

  /** The same without a wait. */
  endNow(): void {
    const table = processTable();
    const groups = new Set([...this.left, ...this.pluginGroups(table)]);
    for (const cli of this.running) cli.kill("SIGKILL");
    for (const group of groups) {
      if (!table.some((row) => row.group === group)) continue;
      try {
        process.kill(-group, "SIGKILL");
      } catch {
        // it has ended already
      }
    }
    this.left.clear();
  }

  private pluginGroups(table: ProcessRow[]): Set<number> {
    const groups = [...this.running].flatMap(({ pid }) => descendants(table, pid)).map(({ group }) => group);
    const ours = table.find(({ pid }) => pid === process.pid)?.group;
    return new Set(groups.filter((group) => group !== ours));
  }
}

const isProvider = /cmd[\\/]dynamic-provider[\\/]index\.js/;

/** The CLI ended with anything but success. */
export class CommandFailedError extends Error {
  constructor(
    readonly exitCode: number | null,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(`pulumi ended with ${exitCode ?? "a signal"}\n${stdout}\n${stderr}`);
  }
}

interface ProcessRow {
  pid: number;
  parent: number;
  group: number;
  args: string;
}

function processTable(): ProcessRow[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,pgid=,args="], { encoding: "utf8", maxBuffer: 64 << 20 });
  return rows.split("\n").flatMap((row) => {
    const [, pid, parent, group, args = ""] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
    return pid ? [{ pid: Number(pid), parent: Number(parent), group: Number(group), args }] : [];
  });
}

function descendants(table: ProcessRow[], root: number | undefined): ProcessRow[] {
  if (root === undefined) return [];
  return table.filter(({ parent }) => parent === root).flatMap((row) => [row, ...descendants(table, row.pid)]);
}
