import assert from "node:assert/strict";
import { makeJar } from "../../rig/fakeFlink";
import { mutations, prepare, start, useRig } from "./fixture";

/** What a line speaks of: its place in the plan, what is done, the job, the jar and the cluster. */
function subject(line: string): unknown[] {
  return [
    /^(?:plan|done) (\d+\/\d+): (upload|stop|cancel|start|delete)/.exec(line)?.slice(1),
    /job ([0-9a-f]{32})/.exec(line)?.[1],
    /\S+\.jar/.exec(line)?.[0],
    /https?:\/\/[^\s,;]+/.exec(line)?.[0],
  ];
}

describe("the hooks of a FlinkDeployment in an upgrade", () => {
  const rig = useRig();

  it("execute exactly the steps that the preview printed", async () => {
    const { flink, stack, program } = await start(rig);
    const changed = program({ artifact: { jarUri: await rig.jar("second", "second.jar") }, parallelism: 2 });
    const { lines } = await stack.preview(changed);
    const planned = lines.map(({ text }) => text).filter((text) => text.startsWith("plan"));
    const [old] = flink.activeJobs();
    assert.ok(old);
    await stack.up(changed);
    assert.deepEqual(stack.texts.map(subject), planned.map(subject));
    assert.deepEqual(
      planned.map((line) => subject(line)[0]),
      [
        ["1/4", "upload"],
        ["2/4", "stop"],
        ["3/4", "start"],
        ["4/4", "delete"],
      ],
    );
    const [now] = flink.activeJobs();
    assert.equal(old.status, "FINISHED");
    assert.equal(now?.submission?.savepointPath, old.latestState?.path);
    assert.equal(now?.parallelism, 2);
    assert.equal(stack.outputs.jobId, now?.id);
    assert.equal(flink.storage.repeated(old.lineage), 0);
  });

  it("keep the job running and say so when no savepoint succeeds", async () => {
    const { flink, stack, program } = await start(rig, { maxSavepointCreationAttempts: 2 });
    const jobId = stack.outputs.jobId ?? "";
    flink.script.savepoint = () => ({ fail: "the storage is full", thenStatus: "RUNNING" });
    const message = await stack.failingUp(program({ parallelism: 2 }));
    assert.match(message, /No savepoint .* in 2 attempts: .*the storage is full/);
    assert.match(message, /keeps running/);
    assert.deepEqual(
      flink.activeJobs().map(({ id, status }) => [id, status]),
      [[jobId, "RUNNING"]],
    );
    const { status, record } = stack.outputs;
    assert.equal(status.state, "FAILED");
    assert.equal(status.running?.jobId, jobId);
    assert.ok(status.failure?.message.includes("the storage is full"));
    assert.ok(record.transition);

    flink.script.savepoint = () => "complete";
    await stack.up(program({ parallelism: 2 }));
    assert.equal(stack.outputs.status.state, "RUNNING");
    assert.equal(stack.outputs.status.failure, undefined);
    assert.equal(flink.activeJobs()[0]?.parallelism, 2);
  });

  it("carry the whole record, savepoint first, in a partial failure, and finish from it", async () => {
    const { flink, stack, program } = await start(rig, { maxJobCreationAttempts: 1, rollback: false });
    const jobId = stack.outputs.jobId ?? "";
    flink.script.run = () => ({ reject: "the topic does not exist" });
    const changed = program({ parallelism: 2 });
    const message = await stack.failingUp(changed);
    const { record, latestSavepoint, savepoints, jobs, status, parallelism } = stack.outputs;
    assert.match(message, /the topic does not exist/);
    assert.ok(latestSavepoint && message.includes(latestSavepoint), message);
    assert.equal(savepoints[0]?.path, latestSavepoint);
    assert.equal(savepoints[0]?.origin, "UPGRADE");
    assert.deepEqual(record.applied?.end?.snapshot?.path, latestSavepoint);
    assert.equal(jobs.find(({ id }) => id === jobId)?.state, "TERMINATED");
    assert.equal(status.state, "FAILED");
    assert.equal(status.running, undefined);
    assert.equal(parallelism, 2, "the accepted arguments");
    assert.equal(stack.resource?.unfinished, true);

    // A refresh takes the engine's own mark away: the record's must do.
    await stack.refresh();
    assert.equal(stack.resource?.unfinished, false);
    flink.script.run = () => "run";
    assert.equal((await stack.preview(changed)).changes, true);
    await stack.up(changed);
    const [now] = flink.activeJobs();
    assert.equal(now?.submission?.savepointPath, latestSavepoint);
    assert.equal(stack.outputs.status.state, "RUNNING");
    assert.equal((await stack.preview(changed)).changes, false);
  });

  it("roll back to the old job, jar and arguments when the new one does not come up", async () => {
    const { flink, stack, program } = await start(rig, { maxJobCreationAttempts: 1 });
    const [old] = flink.activeJobs();
    assert.ok(old);
    const secondJar = await rig.jar("second");
    flink.script.run = (request) => (request.parallelism === 2 ? { status: "FAILED", exception: "bad state" } : "run");
    const changed = program({ parallelism: 2, artifact: { jarUri: secondJar } });
    const message = await stack.failingUp(changed);
    assert.match(message, /did not come up in 1 attempt: .*bad state.*Rolled back/s);
    const [back] = flink.activeJobs();
    assert.equal(back?.parallelism, 1);
    assert.equal(back?.submission?.savepointPath, old.latestState?.path);
    assert.equal(back?.submission?.jarId, old.submission?.jarId, "the old jar");
    assert.equal(stack.outputs.status.state, "FAILED");
    assert.equal(stack.outputs.status.running?.jobId, back?.id);
    assert.ok(stack.outputs.events.some(({ reason }) => reason === "Rollback"));
    assert.equal(flink.storage.repeated(old.lineage), 0);

    flink.script.run = () => "run";
    await stack.up(changed);
    assert.equal(flink.activeJobs().length, 1);
    assert.equal(flink.activeJobs()[0]?.parallelism, 2);
    assert.equal(flink.storage.repeated(old.lineage), 0);
  });

  it("do not roll back a try that had completed a checkpoint, and go on from there", async () => {
    const { flink, stack, program } = await start(rig, { maxJobCreationAttempts: 1, timeouts: { running: "1 s" } });
    const [old] = flink.activeJobs();
    assert.ok(old);
    flink.script.run = () => "stuck";
    const changed = program({ parallelism: 2 });
    const started = flink.received({ method: "POST", path: /\/run$/, nth: 1 });
    await started;
    const upgrading = stack.failingUp(changed);
    // The new job completes a checkpoint before all its tasks run.
    const begun = Date.now();
    while (flink.submissions.length < 2 && Date.now() - begun < 5_000) await new Promise((r) => setImmediate(r));
    const tried = flink.activeJobs().find(({ parallelism }) => parallelism === 2);
    tried?.checkpoint();
    const message = await upgrading;
    const kept = tried?.latestState?.path ?? "none";
    assert.match(message, /completed a checkpoint, so nothing was rolled back/);
    assert.ok(message.includes(kept), message);
    assert.deepEqual(flink.activeJobs(), []);

    flink.script.run = () => "run";
    await stack.up(changed);
    assert.equal(flink.activeJobs()[0]?.submission?.savepointPath, kept);
    assert.equal(flink.storage.repeated(old.lineage), 0);
  });

  it("upgrade what a first try left when the specification changed before the retry", async () => {
    const { flink, stack, program } = await start(rig, { timeouts: { unreachable: "1 s" } });
    // The run is carried out, then the cluster is not reachable: the try is left running.
    const fault = flink.fault({ method: "POST", path: /\/run/ }, { answerLost: true });
    let silence: { remove: () => void } | undefined;
    flink.script.run = () => {
      silence ??= flink.fault({ method: "GET", path: /^\/jobs\/overview/ }, { status: 503, body: { errors: ["x"] } });
      return "run";
    };
    await stack.failingUp(program({ parallelism: 2 }));
    fault.remove();
    silence?.remove();
    const [left] = flink.activeJobs();
    assert.equal(left?.parallelism, 2);
    await stack.up(program({ parallelism: 3 }));
    const [now] = flink.activeJobs();
    assert.equal(flink.activeJobs().length, 1);
    assert.equal(now?.parallelism, 3);
    assert.equal(left?.status, "FINISHED");
    assert.equal(now?.submission?.savepointPath, left?.latestState?.path);
    assert.equal(flink.storage.repeated(left?.lineage ?? ""), 0);
  });

  it("start the first job from initialSavepointPath, and pass allowNonRestoredState on", async () => {
    const { flink, stack, program } = await prepare(rig);
    flink.addSnapshot("file:///savepoints/mine", 7);
    await stack.up(
      program({
        initialSavepointPath: "file:///savepoints/mine",
        restoreStrategy: { allowNonRestoredState: true, claimMode: "CLAIM" },
        rollback: false,
      }),
    );
    const [job] = flink.submissions;
    assert.equal(job?.savepointPath, "file:///savepoints/mine");
    assert.equal(job?.allowNonRestoredState, true);
    assert.equal(job?.claimMode, "NO_CLAIM", "what the user gave is never given away");
    assert.equal(stack.outputs.jobs[0]?.restoredFrom, "file:///savepoints/mine");
  });

  it("start again from initialSavepointPath when savepointRedeployNonce changes, and only then", async () => {
    const { flink, stack, program } = await start(rig);
    flink.addSnapshot("file:///savepoints/mine", 7);
    const initialSavepointPath = "file:///savepoints/mine";
    await stack.up(program({ initialSavepointPath }));
    assert.equal(flink.submissions.length, 1);
    const again = program({ initialSavepointPath, savepointRedeployNonce: 1 });
    const { lines } = await stack.preview(again);
    assert.ok(lines.some(({ level, text }) => level === "warn" && text.includes("savepointRedeployNonce changed")));
    await stack.up(again);
    assert.equal(flink.submissions.at(-1)?.savepointPath, initialSavepointPath);
    assert.equal((await stack.preview(again)).changes, false);
  });

  it("name the folder of checkpoints as the newest Flink does, or the cluster's own would win over an older name", async () => {
    const { flink } = await start(rig, { flinkConfiguration: { "state.checkpoints.dir": "file:///here" } });
    const [submission] = flink.submissions;
    assert.equal(submission?.flinkConfiguration["execution.checkpointing.dir"], "file:///here");
    assert.equal(submission.flinkConfiguration["execution.checkpointing.savepoint-dir"], undefined);
  });

  it("name the job's own folder of savepoints with each, for Flink itself takes no notice of it", async () => {
    const { flink, stack, program } = await start(rig, {
      flinkConfiguration: { "execution.checkpointing.interval": "1 s", "state.savepoints.dir": "file:///here" },
    });
    await stack.up(program({ restartNonce: 1 }));
    assert.match(stack.outputs.latestSavepoint ?? "", /^file:\/+here\//);
    assert.equal(flink.activeJobs()[0]?.submission?.savepointPath, stack.outputs.latestSavepoint);
  });

  it("restart the job with its state when restartNonce changes", async () => {
    const { flink, stack, program } = await start(rig);
    const [old] = flink.activeJobs();
    await stack.up(program({ restartNonce: 1 }));
    assert.equal(flink.activeJobs()[0]?.submission?.savepointPath, old?.latestState?.path);
    assert.equal(old?.status, "FINISHED");
    assert.equal(await stack.up(program({ restartNonce: 1 })), false);
  });

  it("claim the savepoint of its own stop, and nothing else", async () => {
    const claimed = { restoreStrategy: { claimMode: "CLAIM" }, rollback: false };
    const { flink, stack, program } = await start(rig, claimed);
    await stack.up(program({ parallelism: 2 }));
    assert.equal(flink.submissions.at(-1)?.claimMode, "CLAIM");
    const [job] = flink.activeJobs();
    job?.checkpoint();
    job?.end("CANCELED");
    await stack.up(program({ parallelism: 2 }));
    assert.equal(flink.submissions.at(-1)?.savepointPath, job?.latestState?.path);
    assert.equal(flink.submissions.at(-1)?.claimMode, "NO_CLAIM");
  });

  it("never run a bounded job twice whose answer was lost", async () => {
    const { flink, stack, program } = await prepare(rig);
    flink.script.run = () => ({ status: "FINISHED" });
    flink.fault({ method: "POST", path: /\/run/, nth: 1 }, { answerLost: true });
    await stack.up(program());
    assert.equal(flink.submissions.length, 1);
    assert.equal(stack.outputs.status.state, "FINISHED");
    assert.equal(stack.outputs.jobId, undefined);
    assert.equal(stack.outputs.jobs[0]?.state, "FINISHED");
    assert.equal((await stack.preview(program())).changes, false);
    assert.equal(await stack.up(program()), false);
    assert.equal(flink.submissions.length, 1);
  });

  it("do not run a bounded job again that finished after the process was killed", async () => {
    const { flink, stack, program } = await prepare(rig);
    flink.script.run = () => ({ status: "FINISHED" });
    await stack.up(program());
    // The state never got to know: the create is repeated with the same uid.
    stack.resource = undefined;
    await stack.up(program());
    assert.equal(flink.submissions.length, 1);
    assert.equal(stack.outputs.status.state, "FINISHED");
  });

  it("delete the jar of the old generation after success, and foreign jars never", async () => {
    const { flink, stack, program } = await start(rig);
    const form = new FormData();
    form.set("jarfile", new Blob([new Uint8Array(makeJar({ content: "foreign" }))]), "foreign.jar");
    await fetch(`${flink.url}/jars/upload`, { method: "POST", body: form });
    const names = (): string[] => flink.jars.map(({ name }) => name);
    const [first = ""] = names();
    await stack.up(program({ artifact: { jarUri: await rig.jar("second") } }));
    assert.equal(names().includes(first), false);
    assert.equal(names().includes("foreign.jar"), true);
    assert.equal(names().length, 2);
  });

  it("delete the jar of an upgrade that was rolled back once the old arguments are asked for again", async () => {
    const { flink, stack, program } = await start(rig);
    const [old] = flink.jars;
    flink.script.run = ({ jarId }) => (jarId === old?.id ? "run" : { reject: "no such topic" });
    const changed = program({ artifact: { jarUri: await rig.jar("second", "second.jar") }, maxJobCreationAttempts: 1 });
    assert.match(await stack.failingUp(changed), /Rolled back/);
    assert.equal(flink.jars.length, 2);
    await stack.up(program());
    assert.deepEqual(flink.jars, [old]);
    assert.equal((await stack.preview(program())).changes, false);
  });

  it("do not upload a jar twice that the cluster holds", async () => {
    const { flink, stack, program } = await start(rig);
    await stack.up(program({ parallelism: 2 }));
    assert.equal(mutations(flink).filter((each) => each === "POST /jars/upload").length, 1);
  });

  it("upgrade when the jar at the same path has other content", async () => {
    const { flink, stack, program } = await start(rig);
    await rig.jar("second");
    assert.equal((await stack.preview(program())).changes, true);
    await stack.up(program());
    assert.equal(flink.submissions.length, 2);
    await rig.jar("second");
    assert.equal((await stack.preview(program())).changes, false);
  });
});
