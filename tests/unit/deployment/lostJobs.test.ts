import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { lostJobsOf } from "../../../provider/deployment/lostJobs";
import { deriveJobId } from "../../../provider/lifecycle/ids";
import type { AppliedJob, DeploymentRecord } from "../../../provider/lifecycle/model";
import type { JobSpec } from "../../../provider/lifecycle/jobSpec";

const uid = "a".repeat(32);
const digest = "b".repeat(64);
const jobId = deriveJobId(uid, { generation: 1, attempt: 0, digest });
const cluster = { key: "local", name: "http://127.0.0.1:1" };

describe("the jobs that a JobManager of this machine took with it", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-lost-"));
    await fs.mkdir(path.join(directory, "conf"));
    await fs.writeFile(
      path.join(directory, "conf", "config.yaml"),
      `state.checkpoints.dir: file://${directory}/chk\nstate.savepoints.dir: file://${directory}/sav\n`,
    );
  });

  afterEach(async () => {
    await fs.rm(directory, { recursive: true });
  });

  async function snapshot(folder: string, time: number): Promise<void> {
    const file = path.join(directory, folder, "_metadata");
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, "state");
    await fs.utimes(file, time, time);
  }

  function find(applied: Partial<AppliedJob> = {}, host = os.hostname(), key = cluster.key) {
    const job = { flinkConfiguration: {} } as JobSpec;
    const whole = { jobId, generation: 1, attempt: 0, job, digest, cluster, startedAt: 5, ...applied };
    const record: DeploymentRecord = { uid, state: "RUNNING", applied: whole, snapshots: [], happened: [] };
    return lostJobsOf(record, { url: cluster.name, processes: { host, directory } }, key);
  }

  it("are FAILED, with the newest checkpoint that is complete", async () => {
    await snapshot(`chk/${jobId}/chk-9`, 100);
    await snapshot(`chk/${jobId}/chk-10`, 200);
    await fs.mkdir(path.join(directory, "chk", jobId, "chk-11"));
    const [job, ...others] = (await find()?.([])) ?? [];
    assert.equal(others.length, 0);
    assert.equal(job?.status, "FAILED");
    assert.deepEqual([job.jobId, job.generation, job.startTime, job.completedCheckpoints], [jobId, 1, 5, 10]);
    const newest = `file:${directory}/chk/${jobId}/chk-10`;
    assert.deepEqual(job.newestState, { path: newest, time: 200_000, origin: "RETAINED_CHECKPOINT", jobId });
    assert.equal(job.newestSavepoint, undefined);
  });

  it("come with a savepoint that is newer than their newest checkpoint, and not with an older one", async () => {
    await snapshot(`chk/${jobId}/chk-9`, 200);
    await snapshot(`sav/savepoint-${jobId.slice(0, 6)}-old`, 100);
    assert.match((await find()?.([]))?.[0]?.newestState?.path ?? "", /chk-9$/);
    await snapshot(`sav/savepoint-${jobId.slice(0, 6)}-new`, 300);
    await snapshot(`sav/savepoint-ffffff-other`, 400);
    assert.match((await find()?.([]))?.[0]?.newestSavepoint?.path ?? "", /-new$/);
  });

  it("are looked for where the job itself keeps its checkpoints", async () => {
    await snapshot(`own/${jobId}/chk-3`, 100);
    const job = {
      flinkConfiguration: { "execution.checkpointing.dir": `file://${directory}/own` },
    } as unknown as JobSpec;
    assert.match((await find({ job })?.([]))?.[0]?.newestState?.path ?? "", /own\/[0-9a-f]{32}\/chk-3$/);
  });

  it("are none where Flink shows the job, where the record says that it ended, and where it left nothing", async () => {
    assert.deepEqual(await find()?.([]), []);
    await snapshot(`chk/${jobId}/chk-9`, 100);
    const shown = (await find()?.([])) ?? [];
    assert.equal(shown.length, 1);
    assert.deepEqual(await find()?.(shown), []);
    assert.deepEqual(await find({ end: { kind: "CANCELLED" } })?.([]), []);
  });

  it("are none of another cluster's or another machine's", async () => {
    await snapshot(`chk/${jobId}/chk-9`, 100);
    assert.deepEqual(await find({}, os.hostname(), "another")?.([]), []);
    assert.equal(find({}, "another machine"), undefined);
  });
});
