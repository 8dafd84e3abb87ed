import assert from "node:assert/strict";
import { mutations, start, useRig, type Running } from "./fixture";

describe("the hooks of a FlinkDeployment with a limited history of savepoints", () => {
  const rig = useRig();

  /** As many upgrades, an hour after one another; the paths of their savepoints, newest first. */
  async function upgrades({ stack, program }: Running, times: number, changes: object = {}): Promise<string[]> {
    const paths: string[] = [];
    for (let nonce = 1; nonce <= times; nonce += 1) {
      rig.pass(3_600_000);
      await stack.up(program({ ...changes, restartNonce: nonce }));
      paths.unshift(stack.outputs.latestSavepoint ?? assert.fail());
    }
    return paths;
  }

  function shown({ stack }: Running): string[] {
    return stack.outputs.savepoints.map(({ path }) => path);
  }

  it("show as many as maxCount says, no older than maxAge, and leave all in storage", async () => {
    const running = await start(rig);
    const { flink, stack, program } = running;
    const paths = await upgrades(running, 5);
    await stack.up(program({ restartNonce: 5, savepointHistory: { maxCount: 3 } }));
    assert.deepEqual(shown(running), paths.slice(0, 3));
    rig.pass(60_000);
    await stack.up(program({ restartNonce: 5, savepointHistory: { maxAge: "90 min" } }));
    assert.deepEqual(shown(running), paths.slice(0, 2));
    for (const path of paths) assert.ok(flink.storage.get(path), `${path} is gone`);
    assert.ok(mutations(flink).every((each) => !each.includes("savepoint-disposal")));
  });

  it("dispose of their own savepoints as the preview says, and of nothing that is in use", async () => {
    const running = await start(rig);
    const { flink, stack, program } = running;
    const paths = await upgrades(running, 4);
    const savepointHistory = { maxCount: 2, dispose: true };
    const changed = program({ restartNonce: 5, savepointHistory });
    const { lines } = await stack.preview(changed);
    const last = lines.at(-1)?.text ?? "";
    assert.match(last, /^plan 3\/3: dispose of what savepointHistory keeps no longer: savepoint \S+ \(1 h old\), /);
    for (const path of paths.slice(1)) assert.ok(last.includes(path), path);
    assert.ok(!last.includes(paths[0] ?? "none"));
    await stack.up(changed);
    assert.ok(stack.texts.some((text) => /^done 3\/3: disposed of /.test(text)));
    const newest = stack.outputs.latestSavepoint ?? "none";
    assert.deepEqual(shown(running), [newest, paths[0]]);
    assert.deepEqual(
      paths.map((path) => flink.storage.get(path) !== undefined),
      [true, false, false, false],
    );
    assert.ok(flink.storage.get(newest), "the job was started from it");
    const reasons = stack.outputs.events.map(({ reason }) => reason);
    assert.equal(reasons.filter((reason) => reason === "Cleanup").length, 3);
    assert.equal((await stack.preview(changed)).changes, false);
  });

  it("dispose at once when that is asked for, with nothing else changed, and never for age alone", async () => {
    const running = await start(rig);
    const { flink, stack, program } = running;
    const paths = await upgrades(running, 3);
    const disposing = program({ restartNonce: 3, savepointHistory: { maxAge: "2 h", dispose: true } });
    assert.match((await stack.preview(disposing)).lines.at(-1)?.text ?? "", /^plan 2\/2: dispose of /);
    await stack.up(disposing);
    assert.equal(flink.storage.get(paths[2] ?? ""), undefined);
    rig.pass(48 * 3_600_000);
    assert.equal((await stack.preview(disposing)).changes, false, "what is old is no change of its own");
  });

  it("never dispose of what the user named, has asked Flink for, or gave to another deployment", async () => {
    const running = await start(rig);
    const { flink, stack, program } = running;
    const [second = "", first = ""] = await upgrades(running, 2);
    const job = flink.activeJobs()[0] ?? assert.fail();
    const { path: byHand = "" } = job.savepoint("file:/savepoints/savepoint-by-hand", "CANONICAL", "SAVEPOINT", false);
    await stack.refresh();
    const origins = stack.outputs.savepoints.map(({ origin }) => origin);
    assert.deepEqual(origins, ["RETAINED_CHECKPOINT", "USER_REQUEST", "UPGRADE", "UPGRADE"]);
    const other = flink.addJob();
    other.restoreFrom(flink.storage.get(second) ?? assert.fail(), second);
    const savepointHistory = { maxCount: 1, dispose: true };
    const initialSavepointPath = first.replace("file:/", "file:///");
    for (const restartNonce of [8, 9])
      await stack.up(program({ restartNonce, savepointHistory, initialSavepointPath }));
    for (const path of [first, second, byHand]) assert.ok(flink.storage.get(path), `${path} is gone`);
    assert.ok(shown(running).includes(second), "it is still to be disposed of");
    other.checkpoint();
    await stack.up(program({ restartNonce: 10, savepointHistory, initialSavepointPath }));
    assert.equal(flink.storage.get(second), undefined, "nobody needs it any more");
  });

  it("warn of what Flink could not dispose of, and have succeeded all the same", async () => {
    const running = await start(rig);
    const { flink, stack, program } = running;
    const paths = await upgrades(running, 2);
    flink.fault(
      { method: "POST", path: /savepoint-disposal/ },
      { status: 500, body: { errors: ["the disk is gone"] } },
    );
    const savepointHistory = { maxCount: 1, dispose: true };
    await stack.up(program({ restartNonce: 3, savepointHistory }));
    assert.equal(stack.outputs.status.state, "RUNNING");
    assert.ok(
      stack.lines.some(({ level, text }) => level === "warn" && /could not be disposed of: .*disk is gone/.test(text)),
    );
    assert.ok(stack.outputs.events.some(({ reason }) => reason === "CleanupFailed"));
    for (const path of paths) assert.ok(shown(running).includes(path));
    assert.equal((await stack.preview(program({ restartNonce: 3, savepointHistory }))).changes, false);
  });
});

describe("the hooks of a FlinkDeployment whose state may not be old", () => {
  const rig = useRig();
  const restoreStrategy = { maxStateAge: "1 h" };

  it("refuse to bring a job back from an old checkpoint, until its user names it", async () => {
    const { flink, stack, program } = await start(rig, { restoreStrategy });
    const [job] = flink.activeJobs();
    job?.checkpoint();
    job?.end("FAILED", "out of memory");
    rig.pass(2 * 3_600_000);
    const { lines } = await stack.preview(program());
    assert.match(
      lines[0]?.text ?? "",
      /^will be refused: The job would start from checkpoint \S+ \(2 h old\).*FLINK_STATE_TOO_OLD/,
    );
    const before = mutations(flink);
    assert.match(await stack.failingUp(program()), /restoreStrategy\.maxStateAge is 1 h\. Nothing was changed/);
    assert.deepEqual(mutations(flink), before);
    const path = job?.latestState?.path ?? "none";
    await stack.up(program({ initialSavepointPath: path.replace("file:/", "file:///"), savepointRedeployNonce: 1 }));
    assert.equal(flink.activeJobs()[0]?.restored?.path, path);
  });

  it("go on where the limit is raised", async () => {
    const { flink, stack, program } = await start(rig, { restoreStrategy });
    const [job] = flink.activeJobs();
    job?.checkpoint();
    job?.end("FAILED");
    rig.pass(2 * 3_600_000);
    await stack.up(program({ restoreStrategy: { maxStateAge: "3 h" } }));
    assert.equal(flink.activeJobs()[0]?.restored?.path, job?.latestState?.path);
  });

  it("leave a job running that can take no savepoint and whose newest checkpoint is old", async () => {
    const { flink, stack, program } = await start(rig, {
      restoreStrategy,
      upgradeStrategy: { fallback: "LATEST_STATE" },
      maxSavepointCreationAttempts: 1,
      flinkConfiguration: {},
    });
    const [job] = flink.activeJobs();
    job?.checkpoint();
    rig.pass(2 * 3_600_000);
    flink.script.savepoint = () => ({ fail: "the storage is full" });
    const message = await stack.failingUp(program({ restartNonce: 1 }));
    assert.match(message, /can take no savepoint \(.*storage is full.*\)\. It was not stopped/);
    assert.match(message, /FLINK_STATE_TOO_OLD/);
    assert.equal(job?.status, "RUNNING");
    flink.script.savepoint = () => "complete";
    await stack.up(program({ restartNonce: 1 }));
    assert.equal(flink.activeJobs().length, 1);
  });
});
