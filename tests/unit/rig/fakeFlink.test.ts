import assert from "node:assert/strict";
import { FakeFlink, FakeStorage, makeJar, type FakeFlinkOptions } from "../../rig/fakeFlink";

const JOB = "1".repeat(32);
const CHECKPOINTING = { "execution.checkpointing.interval": "1 s" };

describe("the fake Flink", () => {
  const running: FakeFlink[] = [];

  async function start(options?: FakeFlinkOptions): Promise<FakeFlink> {
    const flink = await FakeFlink.start(options);
    running.push(flink);
    return flink;
  }

  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()));
  });

  async function get(flink: FakeFlink, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(flink.url + path);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async function post(flink: FakeFlink, path: string, body: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(flink.url + path, { method: "POST", body: JSON.stringify(body) });
    return (await response.json()) as Record<string, unknown>;
  }

  async function upload(flink: FakeFlink): Promise<string> {
    const form = new FormData();
    form.set("jarfile", new Blob([new Uint8Array(makeJar())]), "job.jar");
    await fetch(`${flink.url}/jars/upload`, { method: "POST", body: form });
    return flink.jars.at(-1)?.id ?? "";
  }

  async function statuses(flink: FakeFlink, polls: number): Promise<unknown[]> {
    const seen: unknown[] = [];
    for (let poll = 0; poll < polls; poll++) seen.push((await get(flink, `/jobs/${JOB}/status`)).body["status"]);
    return seen;
  }

  it("settles after the polls that the test asks for", async () => {
    const flink = await start({ settle: { start: 3, stop: 2 } });
    await post(flink, `/jars/${await upload(flink)}/run`, { jobId: JOB });
    assert.deepEqual(await statuses(flink, 4), ["CREATED", "CREATED", "RUNNING", "RUNNING"]);
    await post(flink, `/jobs/${JOB}/stop`, { triggerId: JOB });
    assert.deepEqual(await statuses(flink, 3), ["RUNNING", "RUNNING", "FINISHED"]);
  });

  it("goes on counting from the snapshot a job is started from, on a second cluster too", async () => {
    const storage = new FakeStorage();
    const old = await start({ storage, settle: 0 });
    const next = await start({ storage, settle: 0, version: "2.3.0" });
    const job = old.addJob({ checkpoints: 3, flinkConfiguration: CHECKPOINTING });
    await post(old, `/jobs/${job.id}/stop`, { triggerId: JOB, targetDirectory: "file:///savepoints" });
    const path = job.latestState?.path;
    await post(next, `/jars/${await upload(next)}/run`, { jobId: JOB, savepointPath: path });
    assert.equal(job.status, "FINISHED");
    assert.equal(next.job(JOB).count, 3);
    assert.equal(next.job(JOB).lineage, job.id);
    assert.equal(storage.repeated(job.id), 0);
  });

  it("knows when progress that was committed is made again", async () => {
    const storage = new FakeStorage();
    const flink = await start({ storage, settle: 0 });
    const job = flink.addJob({ flinkConfiguration: CHECKPOINTING });
    await post(flink, `/jobs/${job.id}/savepoints`, { triggerId: JOB });
    await get(flink, `/jobs/${job.id}/checkpoints`);
    const older = job.checkpoints.find((each) => each.type === "SAVEPOINT")?.path;
    const jar = await upload(flink);
    await post(flink, `/jars/${jar}/run`, { jobId: JOB, savepointPath: older, flinkConfiguration: CHECKPOINTING });
    await get(flink, `/jobs/${JOB}/checkpoints`);
    assert.equal(storage.repeated(job.id), 1);
  });

  it("keeps failing stops apart by trigger, and the job running", async () => {
    const flink = await start({ settle: 0 });
    flink.script.savepoint = (_job, attempt) => (attempt === 1 ? { fail: "disk full" } : "complete");
    const job = flink.addJob();
    const stop = async (trigger: string): Promise<unknown> => {
      const triggerId = trigger.repeat(32);
      await post(flink, `/jobs/${job.id}/stop`, { triggerId });
      return (await get(flink, `/jobs/${job.id}/savepoints/${triggerId}`)).body["operation"];
    };
    assert.match(JSON.stringify(await stop("a")), /disk full/);
    assert.match(JSON.stringify(await stop("a")), /disk full/);
    assert.equal(job.status, "RUNNING");
    assert.match(JSON.stringify(await stop("b")), /location/);
    assert.equal(job.status, "FINISHED");
  });

  it("ends a job after as many checkpoints as scripted", async () => {
    const flink = await start({ settle: 0 });
    flink.script.run = () => ({ afterCheckpoints: 2, thenStatus: "FAILED", exception: "poison pill" });
    await post(flink, `/jars/${await upload(flink)}/run`, { jobId: JOB, flinkConfiguration: CHECKPOINTING });
    assert.deepEqual(await statuses(flink, 3), ["RUNNING", "RUNNING", "FAILED"]);
    assert.equal(flink.job(JOB).checkpoints.length, 2);
    assert.match(JSON.stringify((await get(flink, `/jobs/${JOB}/exceptions`)).body), /poison pill/);
  });

  it("leaves a job without slots with its tasks not running, and one that is stuck created", async () => {
    const flink = await start({ slots: 1, settle: 0 });
    const jar = await upload(flink);
    await post(flink, `/jars/${jar}/run`, { jobId: JOB, parallelism: 2 });
    flink.script.run = () => "stuck";
    await post(flink, `/jars/${jar}/run`, { jobId: "2".repeat(32) });
    assert.equal(flink.job(JOB).status, "RUNNING");
    assert.equal(flink.job(JOB).tasksRunning, false);
    assert.equal(flink.job("2".repeat(32)).status, "CREATED");
  });

  it("carries out a request whose answer is lost", async () => {
    const flink = await start();
    const jar = await upload(flink);
    flink.fault({ method: "POST", path: /\/run$/, nth: 1 }, { answerLost: true });
    await assert.rejects(post(flink, `/jars/${jar}/run`, { jobId: JOB }));
    assert.equal(flink.activeJobs().length, 1);
    assert.match(JSON.stringify(await post(flink, `/jars/${jar}/run`, { jobId: JOB })), /DuplicateJobSubmission/);
  });

  it("answers with every other fault until it is removed", async () => {
    const flink = await start();
    const read = async (): Promise<string> => {
      const response = await fetch(`${flink.url}/overview`, { signal: AbortSignal.timeout(300) });
      return await response.text();
    };
    for (const effect of ["reset", "hang", "truncate"] as const) {
      const fault = flink.fault({ path: /^\/overview/ }, effect);
      await assert.rejects(read(), `${effect} gave an answer`);
      assert.equal(fault.matched, 1);
      fault.remove();
    }
    flink.fault({ nth: 1 }, "garbage");
    assert.match(await read(), /not Flink/);
    flink.fault({ nth: 1 }, { status: 503, body: "busy" });
    assert.equal(await read(), "busy");
    assert.match(await read(), /slots-total/);
    assert.equal(flink.requests.length, 6);
  });

  it("keeps the ids of forgotten jobs until the JobManager restarts", async () => {
    const flink = await start({ settle: 0 });
    const job = flink.addJob({ id: JOB, checkpoints: 1 });
    job.end("FAILED");
    flink.forgetArchive();
    const jar = await upload(flink);
    assert.equal((await get(flink, `/jobs/${JOB}`)).status, 404);
    assert.match(JSON.stringify(await post(flink, `/jars/${jar}/run`, { jobId: JOB })), /already been submitted/);
    const survivor = flink.addJob({ checkpoints: 2 });
    flink.restartJobManager();
    assert.equal(flink.jars.length, 0);
    assert.equal(survivor.status, "RUNNING");
    assert.equal(survivor.count, 2);
    flink.restartJobManager({ highAvailability: false });
    assert.equal(flink.jobs.size, 0);
    assert.ok(flink.storage.get(survivor.latestState?.path ?? ""));
  });

  it("refuses other credentials than the ones it is given", async () => {
    const flink = await start();
    flink.authorization = "Bearer right";
    assert.equal((await get(flink, "/overview")).status, 401);
  });

  it("hears of a request that is still to come", async () => {
    const flink = await start();
    const received = flink.received({ path: /^\/config/ });
    await get(flink, "/config");
    assert.equal((await received).method, "GET");
  });

  it("shows old answers where the test asks for Flink's cache, but never an old status", async () => {
    let time = 0;
    const flink = await start({ settle: 0, now: () => time });
    const job = flink.addJob();
    flink.refreshIntervalMs = 100;
    const states: unknown[] = [];
    for (const [now, status] of [
      [0, "RUNNING"],
      [99, "FAILED"],
      [100, "FAILED"],
    ] as const) {
      time = now;
      job.status = status;
      states.push((await get(flink, `/jobs/${job.id}`)).body["state"]);
      assert.equal((await get(flink, `/jobs/${job.id}/status`)).body["status"], status);
    }
    assert.deepEqual(states, ["RUNNING", "RUNNING", "FAILED"]);
  });

  it("refuses a savepoint where neither the request nor the cluster has a directory", async () => {
    const flink = await start({ configuration: {} });
    const job = flink.addJob();
    for (const [path, field] of [
      ["stop", "targetDirectory"],
      ["savepoints", "target-directory"],
    ] as const) {
      const text = JSON.stringify(await post(flink, `/jobs/${job.id}/${path}`, {}));
      const reason = `Config key [execution.checkpointing.savepoint-dir] is not set. Property [${field}] must be provided.`;
      assert.ok(text.includes(reason), text);
    }
  });

  it("has no jar routes where submission is off", async () => {
    const flink = await start({ configuration: { "web.submit.enable": "false" } });
    assert.deepEqual((await get(flink, "/jars")).body, { errors: ["Unable to load requested file /jars."] });
  });
});
