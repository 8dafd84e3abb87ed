import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import type * as pulumi from "@pulumi/pulumi";
import { FlinkDeployment, type FlinkDeploymentArgs } from "../../index";
import type { DeploymentOutputs } from "../../provider/deployment/outputs";
import { buildCountingJob, countingArguments, readCounts, type CountingArguments } from "../rig/countingJob";
import { createStack, pulumiCli, type RigStack, type RigStackOptions } from "../rig/engine";
import { startFlink, type RealFlink } from "../rig/flink";
import type { Phase, Run } from "../rig/run";
import { until } from "../rig/until";

/** The Flink version of these tests. */
const VERSION = "1.20.0";

/** What a test's program says of one deployment. */
export interface Wish {
  /** The counting job's arguments, but for its folder. */
  readonly job?: Partial<CountingArguments>;
  /** Over the defaults of the bench. */
  readonly args?: Partial<FlinkDeploymentArgs>;
  readonly opts?: pulumi.CustomResourceOptions;
}

/** A job as Flink lists it. */
export interface ListedJob {
  readonly jid: string;
  readonly name: string;
  readonly state: string;
}

/** One real Flink cluster, and the stacks that a test runs on it. */
export class Bench {
  private readonly stacks: RigStack[] = [];

  private constructor(
    readonly flink: RealFlink,
    private readonly jar: string,
  ) {}

  static async start(): Promise<Bench> {
    const [jar] = await Promise.all([buildCountingJob(), pulumiCli()]);
    // An ended job's last snapshot is believed once this interval has passed.
    const flinkConfiguration = { "web.refresh-interval": 100 };
    return new Bench(await startFlink({ version: VERSION, slotsPerTaskManager: 12, flinkConfiguration }), jar);
  }

  async stop(): Promise<void> {
    await this.flink.stop();
  }

  /** A folder for what a test's job writes. */
  output(name: string): string {
    return path.join(this.flink.directory, "output", name);
  }

  /** Arguments of a deployment of the counting job, named so in Flink, that takes a checkpoint each 100 ms. */
  args(name: string, { job = {}, args = {} }: Wish = {}): FlinkDeploymentArgs {
    return {
      cluster: { url: this.flink.url },
      artifact: {
        jarUri: pathToFileURL(this.jar).href,
        mainArgs: countingArguments({ output: this.output(name), name, tag: "a", ...job }),
      },
      flinkConfiguration: { "execution.checkpointing.interval": "100 ms", "restart-strategy.type": "none" },
      maxJobCreationAttempts: 1,
      ...args,
    };
  }

  /** A program of one deployment. */
  program(name: string, wish: Wish = {}): PulumiFn {
    return () => {
      const deployment = new FlinkDeployment(name, this.args(name, wish), wish.opts);
      return Promise.resolve({ status: deployment.status, jobId: deployment.jobId });
    };
  }

  async stack(program: PulumiFn, options: Partial<RigStackOptions> = {}): Promise<RigStack> {
    const stack = await createStack({ program, ...options });
    this.stacks.push(stack);
    return stack;
  }

  /** Ends what a test left: its stacks, and every job that still runs. */
  async tidy(): Promise<void> {
    for (const stack of this.stacks.splice(0)) await stack.dispose();
    for (const { jid } of await this.activeJobs()) {
      await fetch(`${this.flink.url}/jobs/${jid}`, { method: "PATCH" });
      await until(`job ${jid} has ended`, async () => (await this.activeJobs()).every((job) => job.jid !== jid));
    }
  }

  async get<T>(resource: string): Promise<T> {
    const response = await fetch(`${this.flink.url}${resource}`);
    assert.equal(response.status, 200, resource);
    return (await response.json()) as T;
  }

  /** All jobs of this name, or all there are, in no order. */
  async jobs(name?: string): Promise<ListedJob[]> {
    const { jobs } = await this.get<{ jobs: ListedJob[] }>("/jobs/overview");
    return jobs.filter((job) => name === undefined || job.name === name);
  }

  async activeJobs(name?: string): Promise<ListedJob[]> {
    const ended = ["FINISHED", "FAILED", "CANCELED"];
    return (await this.jobs(name)).filter(({ state }) => !ended.includes(state));
  }

  /** The one active job of this name. */
  async activeJob(name: string): Promise<ListedJob> {
    const active = await this.activeJobs(name);
    assert.equal(active.length, 1, `active jobs named ${name}: ${JSON.stringify(active)}`);
    return active[0] as ListedJob;
  }

  async cancel(jobId: string): Promise<void> {
    await fetch(`${this.flink.url}/jobs/${jobId}`, { method: "PATCH" });
    await until(`job ${jobId} is CANCELED`, async () => (await this.stateOf(jobId)) === "CANCELED");
  }

  async stateOf(jobId: string): Promise<string> {
    return (await this.get<{ state: string }>(`/jobs/${jobId}`)).state;
  }

  /** What job has restored, as Flink says it. */
  async restoredFrom(jobId: string): Promise<string | undefined> {
    type Checkpoints = { latest: { restored: { external_path: string } | null } };
    return (await this.get<Checkpoints>(`/jobs/${jobId}/checkpoints`)).latest.restored?.external_path;
  }

  /** Waits until so many records are committed, so that there is state to lose. */
  async records(name: string, atLeast: number): Promise<void> {
    await until(`${name} has committed ${atLeast} records`, async () => {
      return (await readCounts(this.output(name))).length >= atLeast;
    });
  }

  /** All savepoints on disk. */
  async savepoints(): Promise<string[]> {
    const found = await fs.readdir(path.join(this.flink.directory, "savepoints")).catch(() => []);
    return found.sort();
  }
}

/** The deployment's outputs in an exported state; secrets are not readable there. */
export async function outputsOf(stack: RigStack, name: string): Promise<DeploymentOutputs> {
  return (await stack.exportState()).resource(name).outputs as unknown as DeploymentOutputs;
}

/** Fails with all that the CLI printed, unless the operation succeeded. */
export function succeeded(run: Run): Run {
  assert.equal(run.failure, undefined);
  return run;
}

/** The lasting lines on a resource's row. */
export function lines(run: Run, name: string, phase?: Phase): string[] {
  return run.diagnostics
    .filter(
      ({ urn, ephemeral, phase: shown }) => !ephemeral && (phase ?? shown) === shown && urn?.endsWith(`::${name}`),
    )
    .map(({ message }) => message);
}
