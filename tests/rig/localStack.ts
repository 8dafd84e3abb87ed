import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { FlinkDeployment, LocalCluster, type FlinkDeploymentArgs, type LocalClusterArgs } from "../../index";
import { inspectCluster } from "../../provider/local";
import type { ProcessName } from "../../provider/local/record";
import { buildCountingJob, countingArguments, readCounts, type CountingArguments } from "./countingJob";
import { FlinkView } from "./deploymentScene";
import { createStack, type RigStack, type RigStackOptions } from "./engine";
import { endGuarded, guardedDirectory, kill } from "./flink";

/** What a program of the scene is to declare. */
export interface LocalProgram {
  /** Beside the folder and a version. `undefined`: no cluster. */
  readonly cluster?: Partial<LocalClusterArgs>;
  /** The counting job on it. Default: none. */
  readonly job?: Partial<CountingArguments>;
  /** Arguments of its FlinkDeployment that are added or replaced. */
  readonly deployment?: Partial<FlinkDeploymentArgs>;
}

/** Stacks with a LocalCluster named `local` and a FlinkDeployment named `counts`, and the folders that they use. */
export class LocalScene {
  private readonly stacks: RigStack[] = [];

  private constructor(
    /** Of the cluster's incarnations. */
    readonly directory: string,
    /** Of what jobs write, and of the state. */
    readonly files: string,
    private readonly jar: string,
  ) {}

  static async open(): Promise<LocalScene> {
    return new LocalScene(await guardedDirectory(), await guardedDirectory(), await buildCountingJob());
  }

  /** Ends everything that was started in the scene. */
  async close(): Promise<void> {
    await Promise.all(this.stacks.map((stack) => stack.dispose()));
    await Promise.all([this.directory, this.files].map(endGuarded));
  }

  /** All stacks of a scene are in one backend. */
  async stack(options: RigStackOptions): Promise<RigStack> {
    const backend = path.join(this.files, "state");
    await fs.mkdir(backend, { recursive: true });
    const env = { PULUMI_CONFIG_PASSPHRASE: "of the tests", ...options.env };
    const stack = await createStack({ ...options, backend, env });
    this.stacks.push(stack);
    return stack;
  }

  get output(): string {
    return path.join(this.files, "counts");
  }

  /** A program with a cluster, and a job on it where one is asked for. */
  program(wanted: LocalProgram = {}): pulumi.automation.PulumiFn {
    return () => {
      const cluster = new LocalCluster("local", {
        flinkVersion: "1.20.0",
        directory: this.directory,
        ...wanted.cluster,
        // Tests end long before the second compiler would pay.
        flinkConfiguration: {
          "env.java.opts.taskmanager": "-XX:TieredStopAtLevel=1",
          ...(wanted.cluster?.flinkConfiguration as Record<string, string> | undefined),
        },
      });
      if (wanted.job !== undefined) this.deployment(cluster, wanted.job, wanted.deployment);
      const { endpoint, slots, flinkVersion, directory, savepointDirectory } = cluster;
      return Promise.resolve({ endpoint, slots, flinkVersion, directory, savepointDirectory });
    };
  }

  /** A FlinkDeployment of the counting job. */
  deployment(
    cluster: NonNullable<FlinkDeploymentArgs["cluster"]>,
    job: Partial<CountingArguments> = {},
    others: Partial<FlinkDeploymentArgs> = {},
  ): FlinkDeployment {
    return new FlinkDeployment("counts", {
      cluster,
      artifact: {
        jar: new pulumi.asset.FileAsset(this.jar),
        mainArgs: countingArguments({ output: this.output, ...job }),
      },
      flinkConfiguration: { "execution.checkpointing.interval": "300 ms" },
      ...others,
    });
  }

  /** Starts a counting job that no stack knows; its id. */
  submit(view: FlinkView): Promise<string> {
    return view.run(this.jar, countingArguments({ output: path.join(this.files, "foreign") }));
  }

  /** What the counting job has committed. */
  counts(): ReturnType<typeof readCounts> {
    return readCounts(this.output);
  }

  /** Flink as the stack's outputs give it. */
  async view(stack: RigStack): Promise<FlinkView> {
    const { endpoint } = await stack.outputs();
    return new FlinkView((endpoint?.value as { url: string }).url);
  }

  /** The folders of the incarnations so far. */
  async incarnations(): Promise<string[]> {
    const names = await fs.readdir(this.directory);
    return names.map((name) => path.join(this.directory, name));
  }

  /** The processes that run, by the folder of their incarnation. */
  async running(): Promise<Record<string, ProcessName[]>> {
    const found: Record<string, ProcessName[]> = {};
    for (const home of await this.incarnations()) {
      const live = (await inspectCluster(home)).processes.filter(({ state }) => state === "running");
      if (live.length > 0) found[home] = live.map(({ name }) => name);
    }
    return found;
  }

  /** SIGKILL of processes of the only cluster that runs. */
  async kill(...names: ProcessName[]): Promise<void> {
    const homes = Object.keys(await this.running());
    if (homes.length !== 1 || homes[0] === undefined) throw new Error(`${homes.length} clusters run`);
    for (const name of names) await kill(homes[0], name);
  }
}
