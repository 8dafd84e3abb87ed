import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import {
  LocalWorkspace,
  type ConfigMap,
  type ConfigValue,
  type EngineEvent,
  type OutputMap,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation";
import { atEnd } from "./atEnd";
import { keepConnectionsApart } from "./engineConnections";
import { CommandFailedError, PulumiProcesses } from "./pulumiProcess";
import { repositoryRoot } from "./repository";
import { EventRecord, nameOf, type Phase, type Run } from "./run";

/** What a stack of the rig is made of. */
export interface RigStackOptions {
  /** The inline program; each operation may bring another. */
  program: PulumiFn;
  /** The stack's name; default `test`. */
  name?: string;
  /** The project's name; default `rig`. */
  project?: string;
  /** Stack configuration, keys with or without a namespace. */
  config?: ConfigMap;
  /** The folder that `require("pulumi-flink")` finds; default this checkout. */
  packageDirectory?: string;
  /** Environment of the CLI, and so of the provider process. */
  env?: Record<string, string>;
  /** A folder that exists already, to keep the state in, for several stacks on one backend; default one of its own. */
  backend?: string;
  /** Puts into the CLI's home what it must find there, such as a plugin. */
  prepareHome?: (pulumiHome: string) => Promise<void>;
}

/** What one operation may be told, beside the program. */
export interface RunOptions {
  program?: PulumiFn;
  continueOnError?: boolean;
  refresh?: boolean;
  target?: string[];
  replace?: string[];
  signal?: AbortSignal;
}

/** `runProgram`: the provider sees the stack's configuration of now, not that of the last `up`. */
export interface RefreshOptions extends Pick<RunOptions, "program" | "target" | "signal"> {
  runProgram?: boolean;
}

export interface DestroyOptions extends RefreshOptions, Pick<RunOptions, "continueOnError" | "refresh"> {}

/** A resource as the state holds it; secrets are encrypted. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
  additionalSecretOutputs?: string[];
}

/** The deployment as `pulumi stack export` gives it. */
export interface ExportedState {
  resources: StateResource[];
  pendingOperations: { type: string; resource: StateResource }[];
  /** The whole of it, to search for what must not be there in clear. */
  text: string;
  /** The one resource with this name; throws if there is none or several. */
  resource(name: string): StateResource;
}

interface PulumiCliTool {
  obtainPulumi(options?: { log?: (line: string) => void }): Promise<string>;
}

/** A stack on the real engine, with a state, a home and a project folder of its own under the temporary directory. */
export class RigStack {
  private readonly forget: () => void;

  private constructor(
    private readonly stack: Stack,
    private readonly processes: PulumiProcesses,
    private readonly directory: string,
  ) {
    // A provider that a killed CLI left ends by itself, but not one that is stopped.
    this.forget = atEnd(() => {
      processes.endNow();
      rmSync(directory, { recursive: true, force: true });
    });
  }

  /** @internal */
  static async create(options: RigStackOptions): Promise<RigStack> {
    keepConnectionsApart();
    const directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-rig-"));
    try {
      const project = options.project ?? "rig";
      const workDir = path.join(directory, "project");
      const backend = options.backend ?? path.join(directory, "state");
      await fs.mkdir(backend, { recursive: true });
      await linkPackages(workDir, options.packageDirectory ?? repositoryRoot);
      const pulumiHome = path.join(directory, "home");
      await options.prepareHome?.(pulumiHome);
      const processes = new PulumiProcesses(await pulumiCli());
      const stack = await LocalWorkspace.createStack(
        { stackName: options.name ?? "test", projectName: project, program: options.program },
        {
          workDir,
          // Said in full: by default the provider process would run in this process's folder.
          projectSettings: { name: project, runtime: "nodejs" },
          pulumiHome,
          pulumiCommand: await processes.command(),
          envVars: {
            PULUMI_BACKEND_URL: `file://${backend}`,
            PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
            PULUMI_SKIP_UPDATE_CHECK: "true",
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            ...options.env,
          },
        },
      );
      if (options.config) await stack.setAllConfig(options.config);
      return new RigStack(stack, processes, directory);
    } catch (error) {
      await fs.rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** The project's folder, the working directory of the provider process. */
  get workDir(): string {
    return this.stack.workspace.workDir;
  }

  /** Environment variables of the CLI, and so of the provider process, in the operations to come. */
  get environment(): Record<string, string> {
    return this.stack.workspace.envVars;
  }

  preview(options: RunOptions = {}): Promise<Run> {
    return this.run("preview", (report) => this.stack.preview({ ...options, ...report }));
  }

  /** `pulumi up --skip-preview`: the update alone, as the Automation API does it. */
  up(options: RunOptions = {}): Promise<Run> {
    return this.run("update", (report) => this.stack.up({ ...options, ...report }));
  }

  /** `pulumi up --yes`: preview and update in one command, as on a user's command line. */
  async cliUp(options: RunOptions = {}): Promise<Run> {
    this.processes.withPreview = true;
    try {
      return await this.run("preview", (report) => this.stack.up({ ...options, ...report }));
    } finally {
      this.processes.withPreview = false;
    }
  }

  refresh(options: RefreshOptions = {}): Promise<Run> {
    return this.run("update", (report) => this.stack.refresh({ ...options, ...report }));
  }

  destroy(options: DestroyOptions = {}): Promise<Run> {
    return this.run("update", (report) => this.stack.destroy({ ...options, ...report }));
  }

  outputs(): Promise<OutputMap> {
    return this.stack.outputs();
  }

  /** @param options - `showSecrets`: they are as clear as in a program. */
  async exportState({ showSecrets = false } = {}): Promise<ExportedState> {
    // not the Automation API's export, which decrypts the secrets
    const { envVars, pulumiHome } = this.stack.workspace;
    const environment = { ...envVars, ...(pulumiHome && { PULUMI_HOME: pulumiHome }) };
    const { stdout } = await this.processes.run(
      ["stack", "export", ...(showSecrets ? ["--show-secrets"] : [])],
      this.workDir,
      environment,
    );
    const { deployment } = JSON.parse(stdout, showSecrets ? revealed : undefined) as {
      deployment: { resources?: StateResource[]; pending_operations?: ExportedState["pendingOperations"] };
    };
    const resources = deployment.resources ?? [];
    return {
      resources,
      pendingOperations: deployment.pending_operations ?? [],
      text: JSON.stringify(deployment),
      resource: (name) => {
        const found = resources.filter(({ urn }) => nameOf(urn) === name);
        if (found.length === 1 && found[0]) return found[0];
        throw new Error(`${found.length} resources are named ${name} among ${resources.map((r) => r.urn).join(", ")}`);
      },
    };
  }

  setConfig(key: string, value: string | ConfigValue): Promise<void> {
    return this.stack.setConfig(key, typeof value === "string" ? { value } : value);
  }

  removeConfig(key: string): Promise<void> {
    return this.stack.removeConfig(key);
  }

  /** `pulumi cancel`: takes away the lock that a killed CLI left. */
  cancel(): Promise<void> {
    return this.stack.cancel();
  }

  /** Kills the CLI in the middle of what it does (SIGKILL); returns the pids of the providers that live on. */
  killCli(): Promise<number[]> {
    return this.processes.kill();
  }

  /** The pids of this stack's provider processes. */
  providerProcesses(): number[] {
    return this.processes.providers();
  }

  /** Ends every process of this stack and removes its folders. What its resources made is not destroyed. */
  async dispose(): Promise<void> {
    await this.processes.endAll();
    await fs.rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
    this.forget();
  }

  private async run(
    firstPhase: Phase,
    operation: (report: { onEvent: (event: EngineEvent) => void }) => Promise<{ stdout: string }>,
  ): Promise<Run> {
    const record = new EventRecord(firstPhase);
    const onEvent = (event: EngineEvent) => record.add(event);
    try {
      const { stdout } = await operation({ onEvent });
      return record.run(stdout, undefined);
    } catch (error) {
      if (error instanceof CommandFailedError) return record.run(error.stdout, error.message);
      throw error;
    }
  }
}

/** A stack on the real engine; end it with {@link RigStack.dispose}. */
export function createStack(options: RigStackOptions): Promise<RigStack> {
  return RigStack.create(options);
}

/** Makes sure that there is a CLI: on a machine without one it is built, which takes minutes, not a test's time. */
export async function pulumiCli(): Promise<string> {
  const tool = (await import(pathToFileURL(path.join(repositoryRoot, "tools", "pulumiCli.cjs")).href)) as PulumiCliTool;
  return tool.obtainPulumi();
}

/** Reviver of what is exported with `--show-secrets`: a secret becomes what it hides. */
function revealed(_key: string, value: unknown): unknown {
  const isSecret = typeof value === "object" && value !== null && "plaintext" in value;
  return isSecret ? (JSON.parse(String(value.plaintext)) as unknown) : value;
}

/** The provider process resolves both packages from the project's folder, as in a user's project. */
async function linkPackages(workDir: string, packageDirectory: string): Promise<void> {
  const modules = path.join(workDir, "node_modules");
  await fs.mkdir(path.join(modules, "@pulumi"), { recursive: true });
  // Without one of its own the project would be a part of whatever package lies in a folder above.
  await fs.writeFile(path.join(workDir, "package.json"), JSON.stringify({ private: true }));
  await fs.symlink(packageDirectory, path.join(modules, "pulumi-flink"), "junction");
  const sdk = path.dirname(require.resolve("@pulumi/pulumi/package.json"));
  await fs.symlink(sdk, path.join(modules, "@pulumi", "pulumi"), "junction");
}
