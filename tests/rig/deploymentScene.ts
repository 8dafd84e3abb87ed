import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { DeploymentOutputs } from "../../provider/deployment/outputs";
import { jobIdPrefix } from "../../provider/lifecycle/ids";
import {
  assertContinuous,
  buildCountingJob,
  countingArguments,
  rangesByTag,
  readCounts,
  waitForRecords,
  type CountingArguments,
  type TagRange,
} from "./countingJob";
import { DeploymentHooks, type Preview } from "./deploymentHooks";
import type { FaultyProxy, Interception } from "./faultyProxy";
import { startFlink, SUPPORTED_VERSIONS, type RealFlink, type RealFlinkOptions } from "./flink";
import { until } from "./until";

const LIMIT_MS = 30_000;
const ENDED = ["FINISHED", "FAILED", "CANCELED"];

/** What `pulumi up` is to change of a counting job: its main arguments. */
export type MainArguments = Partial<CountingArguments>;

/** Arguments of a FlinkDeployment that a test adds or replaces. */
export type OtherArguments = Record<string, unknown> & { flinkConfiguration?: Record<string, string | undefined> };

/** A job as Flink shows it. */
export interface ShownJob {
  readonly id: string;
  readonly status: string;
}

/** As little of Flink's REST API as these tests need, so that they do not rely on this project's own client. */
export class FlinkView {
  constructor(readonly url: string) {}

  async get<T>(resource: string): Promise<T> {
    return (await (await fetch(`${this.url}${resource}`)).json()) as T;
  }

  private async post(resource: string, body: object): Promise<unknown> {
    const headers = { "content-type": "application/json" };
    return (await fetch(`${this.url}${resource}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
  }

  async jobs(prefix = ""): Promise<ShownJob[]> {
    const { jobs } = await this.get<{ jobs: ShownJob[] }>("/jobs");
    return jobs.filter(({ id }) => id.startsWith(prefix));
  }

  async status(jobId: string): Promise<string> {
    return (await this.get<{ status: string }>(`/jobs/${jobId}/status`)).status;
  }

  async ended(jobId: string): Promise<string> {
    let status = "";
    await until(
      `job ${jobId} has ended`,
      async () => {
        status = await this.status(jobId);
        return ENDED.includes(status);
      },
      LIMIT_MS,
    );
    return status;
  }

  async cancel(jobId: string): Promise<void> {
    await fetch(`${this.url}/jobs/${jobId}?mode=cancel`, { method: "PATCH" });
    await this.ended(jobId);
  }

  /** Cancels whatever a test has left. */
  async cancelAll(prefix = ""): Promise<void> {
    const active = (await this.jobs(prefix)).filter(({ status }) => !ENDED.includes(status));
    await Promise.all(active.map(({ id }) => this.cancel(id)));
  }

  /** Begins a savepoint of a job that goes on, as a user does: the trigger's id. */
  async trigger(jobId: string): Promise<string> {
    return ((await this.post(`/jobs/${jobId}/savepoints`, {})) as { "request-id": string })["request-id"];
  }

  /** A savepoint of a job that goes on, as a user takes one. */
  async savepoint(jobId: string): Promise<string> {
    return this.savepointOf(jobId, await this.trigger(jobId));
  }

  private async savepointOf(jobId: string, triggerId: string): Promise<string> {
    let location: string | undefined;
    await until("the savepoint is complete", async () => {
      const { operation } = await this.get<{ operation?: { location?: string } }>(
        `/jobs/${jobId}/savepoints/${triggerId}`,
      );
      location = operation?.location;
      return location !== undefined;
    });
    return location ?? "";
  }

  /** Uploads a jar and runs it, as a user or another tool does: the job's id, which is of Flink's choice. */
  async run(jarFile: string, programArgsList: readonly string[]): Promise<string> {
    const form = new FormData();
    form.append("jarfile", new Blob([readFileSync(jarFile)]), "foreign.jar");
    const uploaded = await fetch(`${this.url}/jars/upload`, { method: "POST", body: form });
    const { filename } = (await uploaded.json()) as { filename: string };
    const answer = await this.post(`/jars/${path.basename(filename)}/run`, { programArgsList });
    return (answer as { jobid: string }).jobid;
  }

  /** Stops a job with a savepoint, as a user or another tool does: the savepoint's path. */
  async stop(jobId: string): Promise<string> {
    const trigger = await this.post(`/jobs/${jobId}/stop`, { drain: false });
    const location = await this.savepointOf(jobId, (trigger as { "request-id": string })["request-id"]);
    await this.ended(jobId);
    return location;
  }

  /** Has a job complete a checkpoint now. */
  async checkpoint(jobId: string): Promise<void> {
    const trigger = (await this.post(`/jobs/${jobId}/checkpoints`, {})) as { "request-id": string };
    await until("the checkpoint is complete", async () => {
      const page = `/jobs/${jobId}/checkpoints/${trigger["request-id"]}`;
      return (await this.get<{ status: { id: string } }>(page)).status.id === "COMPLETED";
    });
  }

  /** How many checkpoints a job has completed. */
  async checkpoints(jobId: string): Promise<number> {
    return (await this.get<{ counts: { completed: number } }>(`/jobs/${jobId}/checkpoints`)).counts.completed;
  }
}

/** A file as Pulumi hands on a FileAsset. */
export function fileAsset(file: string): object {
  return {
    "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
    path: file,
    hash: createHash("sha256").update(readFileSync(file)).digest("hex"),
  };
}

/** The arguments of a FlinkDeployment of the counting job: all that differs from the defaults of these tests is named. */
export function countingDeploymentArguments(
  { jar, url, output }: { readonly jar: object; readonly url: string; readonly output: string },
  main: MainArguments = {},
  { flinkConfiguration, ...others }: OtherArguments = {},
): Record<string, unknown> {
  return {
    cluster: { url },
    artifact: { jar, mainArgs: countingArguments({ output, rate: 50, ...main }) },
    flinkConfiguration: {
      "execution.checkpointing.interval": "300 ms",
      "restart-strategy.type": "none",
      ...flinkConfiguration,
    },
    timeouts: { running: "20 s", cancel: "20 s", unreachable: "5 s", savepoint: "20 s" },
    maxSavepointCreationAttempts: 2,
    maxJobCreationAttempts: 2,
    ...others,
  };
}

/** A FlinkDeployment of the counting job, and the lines that it has written over all its jobs. */
export class CountingDeployment extends DeploymentHooks {
  readonly jar: object;

  constructor(
    jarFile: string,
    readonly url: string,
    readonly output: string,
  ) {
    super();
    this.jar = fileAsset(jarFile);
  }

  /** What the id of each of its jobs begins with. */
  get prefix(): string {
    return jobIdPrefix(this.uid);
  }

  /** The arguments of the program; each call names all that differs from the defaults of these tests. */
  args(main?: MainArguments, others?: OtherArguments): object {
    return countingDeploymentArguments(this, main, others);
  }

  up(main?: MainArguments, others?: OtherArguments): Promise<DeploymentOutputs> {
    return this.apply(this.args(main, others));
  }

  upFails(main?: MainArguments, others?: OtherArguments): Promise<string> {
    return this.fails(this.args(main, others));
  }

  plan(main?: MainArguments, others?: OtherArguments): Promise<Preview> {
    return this.preview(this.args(main, others));
  }

  upCrashes(
    proxy: FaultyProxy,
    when: Omit<Interception, "act" | "times">,
    main?: MainArguments,
    others?: OtherArguments,
  ): Promise<void> {
    return this.crash(this.args(main, others), proxy, when);
  }

  /** Waits until lines of this version are committed. */
  async written(tag: string, records = 20): Promise<void> {
    await waitForRecords(this.output, (lines) => (rangesByTag(lines)[tag]?.records ?? 0) >= records, LIMIT_MS);
  }

  /** Starts this version and waits until it has committed lines. */
  async runs(main: MainArguments & { tag: string }, others?: OtherArguments): Promise<string> {
    const { jobId } = await this.up(main, others);
    assert.ok(jobId !== undefined);
    await this.written(main.tag);
    return jobId;
  }

  /** What each version wrote; throws where a count is lost or doubled. Only once nothing runs any more. */
  async counts(): Promise<Record<string, TagRange>> {
    return assertContinuous(await readCounts(this.output));
  }

  /** Stops the job as `pulumi destroy` does, and checks that these versions wrote every count exactly once. */
  async endsContinuous(...tags: string[]): Promise<void> {
    await this.remove();
    assert.deepEqual(Object.keys(await this.counts()).sort(), tags.sort());
  }
}

/** What the tests of one Flink version share. */
export interface Scene {
  readonly version: (typeof SUPPORTED_VERSIONS)[number];
  readonly flink: RealFlink;
  readonly view: FlinkView;
  /** A deployment that is not made yet, with a folder of its own. */
  deployment(url?: string): CountingDeployment;
}

/** Describes tests on real Flink, once for each supported version, on one cluster for all of them. */
export function onRealFlink(
  title: string,
  options: Omit<RealFlinkOptions, "version">,
  define: (scene: Scene) => void,
): void {
  for (const version of SUPPORTED_VERSIONS) {
    describe(`${title} on Flink ${version}`, function () {
      this.timeout(120_000);
      let flink: RealFlink | undefined;
      let jar = "";
      let folders = 0;
      const started = (): RealFlink => {
        assert.ok(flink !== undefined, "the cluster is not started yet");
        return flink;
      };
      const scene: Scene = {
        version,
        get flink() {
          return started();
        },
        get view() {
          return new FlinkView(started().url);
        },
        deployment: (url = started().url) =>
          new CountingDeployment(jar, url, path.join(started().directory, `counts-${++folders}`)),
      };
      before(async () => {
        jar = await buildCountingJob();
        flink = await startFlink({ version, slotsPerTaskManager: 8, ...options });
      });
      afterEach(() => scene.view.cancelAll());
      after(() => flink?.stop());
      define(scene);
    });
  }
}
