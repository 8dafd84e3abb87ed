import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { assertContinuous, rangesByTag, readCounts } from "../rig/countingJob";
import { FlinkView } from "../rig/deploymentScene";
import { until } from "../rig/until";
import type { ClusterName } from "./roles";
import { localPath } from "./snapshots";
import { CLUSTERS, outputsOf, type CaseStack, type DeploymentActor } from "./stack";
import { stateOf, type Program } from "./transitions";

const ENDED = ["FINISHED", "FAILED", "CANCELED"];

interface SeenJob {
  readonly cluster: ClusterName;
  readonly id: string;
  readonly state: string;
  readonly start: number;
  /** Infinity while it is active. */
  readonly end: number;
}

interface OverviewJob {
  readonly jid: string;
  readonly state: string;
  readonly "start-time": number;
  readonly "end-time": number;
}

/** Every job of a deployment that either cluster shows. */
async function jobsOf({ pair }: CaseStack, { prefix }: DeploymentActor): Promise<SeenJob[]> {
  const seen = (["A", "B"] as const).map(async (cluster) => {
    const { jobs } = await new FlinkView(pair[cluster].url).get<{ jobs: OverviewJob[] }>("/jobs/overview");
    return jobs
      .filter(({ jid }) => jid.startsWith(prefix))
      .map((job): SeenJob => ({
        cluster,
        id: job.jid,
        state: job.state,
        start: job["start-time"],
        end: ENDED.includes(job.state) ? job["end-time"] : Infinity,
      }));
  });
  return (await Promise.all(seen)).flat();
}

/** Those of them that have not ended. */
export async function activeJobs(stack: CaseStack, actor: DeploymentActor): Promise<string[]> {
  return (await jobsOf(stack, actor)).filter(({ end }) => end === Infinity).map(({ id }) => id);
}

/** By Flink's own times of all its jobs, the deployment never had two at once. */
function assertNeverTwo(jobs: readonly SeenJob[]): void {
  const inOrder = [...jobs].sort((a, b) => a.start - b.start);
  for (const [index, job] of inOrder.entries()) {
    const next = inOrder[index + 1];
    if (next === undefined || next.start >= job.end) continue;
    assert.fail(
      `two jobs were active at once: ${job.id} on ${job.cluster} until ${job.end} (${job.state}), ` +
        `and ${next.id} on ${next.cluster} from ${next.start} (${next.state})`,
    );
  }
}

interface CheckpointStatistics {
  readonly history: readonly { readonly is_savepoint: boolean; readonly status: string }[];
}

/** Each job that was stopped has left exactly one completed savepoint, and no other job has left any. */
async function assertOneSavepointEach(
  stack: CaseStack,
  actor: DeploymentActor,
  jobs: readonly SeenJob[],
): Promise<void> {
  const stopped = jobs.filter(({ state }) => state === "FINISHED");
  for (const { id, cluster } of stopped) {
    const view = new FlinkView(stack.pair[cluster].url);
    // Flink answers with what it knew some seconds before.
    await until(`job ${id} has left one completed savepoint`, async () => {
      const { history } = await view.get<CheckpointStatistics>(`/jobs/${id}/checkpoints`);
      return history.filter((each) => each.is_savepoint && each.status === "COMPLETED").length === 1;
    });
  }
  // Fewer where old ones were disposed of.
  const left = stack.savepoints(actor);
  assert.ok(left.length <= stopped.length, `${stopped.length} jobs were stopped, and left ${left.join(", ")}`);
}

/** The deployment is what the program says, in Flink and in Pulumi's state alike. */
export async function assertReached(stack: CaseStack, program: Program): Promise<void> {
  for (const actor of stack.deployments) {
    const jobs = await jobsOf(stack, actor);
    assertNeverTwo(jobs);
    const active = jobs.filter(({ end }) => end === Infinity);
    const { status, jobId, record, jobs: history, savepoints } = outputsOf(actor);
    assert.equal(status.state, stateOf(program), "the state in Pulumi's outputs");
    assert.equal(record.transition, undefined, "the record still tells of an unfinished transition");
    if (stateOf(program) !== "RUNNING") {
      assert.deepEqual(active, [], "no job is to be active");
      assert.equal(jobId, undefined, "Pulumi's state names a job though none is active");
      const [newest] = savepoints;
      // One that never ran has nothing to go on from.
      const ran = history.length > 0 || jobs.length > 0;
      if (stateOf(program) === "SUSPENDED" && ran) assert.ok(newest !== undefined, "SUSPENDED without any snapshot");
      if (newest !== undefined) assertExists(newest.path);
    } else {
      assert.deepEqual(
        active.map(({ id, cluster, state }) => ({ id, cluster, state })),
        [{ id: jobId, cluster: program.on, state: "RUNNING" }],
        "the active jobs in Flink are not the one in Pulumi's state",
      );
      const view = new FlinkView(stack.pair[program.on].url);
      const { latest } = await view.get<{ latest: { restored: { external_path?: string } | null } }>(
        `/jobs/${jobId}/checkpoints`,
      );
      assert.equal(history[0]?.id, jobId, "the newest job in Pulumi's outputs");
      // A failover restores a job from a checkpoint of its own.
      const restored = samePath(latest.restored?.external_path);
      if (restored?.includes(`/${jobId}/`) !== true) {
        assert.equal(samePath(history[0]?.restoredFrom), restored, "restored from");
      }
    }
    await assertJars(stack, actor, program.on, jobs);
  }
}

/** One jar at most, and only where the program is; what is said to be left behind is not held against it. */
async function assertJars(
  stack: CaseStack,
  actor: DeploymentActor,
  on: ClusterName,
  jobs: readonly SeenJob[],
): Promise<void> {
  if (stack.lines(actor).some((line) => line.includes("could not be deleted"))) return;
  const other = on === "A" ? "B" : "A";
  if (jobs.some(({ cluster }) => cluster === other)) {
    assert.deepEqual(await jarsOn(stack, actor, other), [], `jars were left on ${other}`);
  }
  const here = await jarsOn(stack, actor, on);
  assert.ok(here.length <= 1, `${here.length} jars of the deployment are on ${on}`);
}

async function jarsOn({ pair }: CaseStack, { prefix }: DeploymentActor, cluster: ClusterName): Promise<string[]> {
  const { files } = await new FlinkView(pair[cluster].url).get<{ files: { name: string }[] }>("/jars");
  return files.map(({ name }) => name).filter((name) => name.includes(prefix));
}

/** What is to be found of a deployment's job in the end. */
interface Left {
  /** What has written lines; undefined: whatever came up. */
  readonly tags: readonly string[] | undefined;
  /** No record was lost or doubled; or none lost, and what was doubled its own job has done again. */
  readonly continuous: boolean | "but for repeats";
  /** How many more savepoints than stopped jobs there may be; undefined: Flink has all jobs, and is asked about each. */
  readonly moreSavepoints: number | undefined;
}

/** Nothing is left of a deployment that is not in Pulumi's state any more but what its job wrote. */
export async function assertGone(stack: CaseStack, { tags, continuous, moreSavepoints }: Left): Promise<void> {
  for (const actor of stack.deployments) {
    assert.equal(actor.resource.exists, false, "the deployment is still in Pulumi's state");
    const jobs = await jobsOf(stack, actor);
    assertNeverTwo(jobs);
    assert.deepEqual(
      jobs.filter(({ end }) => end === Infinity),
      [],
      "jobs are left active",
    );
    if (moreSavepoints === undefined) {
      await assertOneSavepointEach(stack, actor, jobs);
    } else {
      const [savepoints, stops] = [stack.savepoints(actor).length, actor.wire.stopped.size];
      assert.ok(savepoints <= stops + moreSavepoints, `${savepoints} savepoints of ${stops} jobs that were stopped`);
    }
    if (!stack.lines(actor).some((line) => line.includes("could not be deleted"))) {
      for (const cluster of CLUSTERS) {
        assert.deepEqual(await jarsOn(stack, actor, cluster), [], `jars were left on ${cluster}`);
      }
    }
    const lines = await readCounts(actor.output);
    if (lines.length === 0 && tags === undefined) continue;
    const written = Object.keys(
      continuous === false ? rangesByTag(lines) : assertContinuous(lines, { repeats: continuous !== true }),
    );
    if (tags !== undefined) assert.deepEqual(written.sort(), [...tags].sort(), "who wrote lines");
  }
}

function samePath(snapshot: string | undefined): string | undefined {
  return snapshot === undefined ? undefined : localPath(snapshot);
}

function assertExists(snapshot: string): void {
  assert.ok(existsSync(localPath(snapshot)), `the snapshot ${snapshot} in Pulumi's state does not exist`);
}
