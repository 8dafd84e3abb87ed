import assert from "node:assert/strict";
import { diffDeployment } from "../../../provider/deployment/diff";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";
import { failure } from "../../rig/deploymentRuns";
import { FakeStorage } from "../../rig/fakeFlink";
import { mutations, prepare, start, useRig } from "./fixture";

describe("the hooks of a FlinkDeployment in a preview", () => {
  const rig = useRig();

  it("print the plan of a create, and do nothing", async () => {
    const { flink, stack, program } = await prepare(rig);
    const { changes, lines } = await stack.preview(program());
    assert.equal(changes, true);
    assert.deepEqual(
      lines.map(({ level, text }) => `${level} ${text.replace(/sha256 \w{12}/, "sha256 …")}`),
      [
        `info plan 1/2: upload job.jar (sha256 …) to ${flink.url}`,
        `info plan 2/2: start the job on ${flink.url} empty (it is the first start)`,
      ],
    );
    assert.deepEqual(mutations(flink), []);
  });

  for (const byCluster of [false, true]) {
    const warns = byCluster ? "not warn" : "warn";
    const where = byCluster ? "the cluster's own configuration has one" : "nobody sets one";
    it(`${warns} of a job without a checkpoint interval where ${where}`, async () => {
      const configuration: Record<string, string> = byCluster ? { "execution.checkpointing.interval": "10 s" } : {};
      const { stack, program } = await prepare(rig, { configuration });
      const { lines } = await stack.preview(program({ flinkConfiguration: {} }));
      const warnings = lines.filter(({ level, text }) => level === "warn" && text.includes("checkpointing.interval"));
      assert.equal(warnings.length, byCluster ? 0 : 1);
    });
  }

  it("print nothing again in the update, and find no change where there is none", async () => {
    const { flink, stack, program } = await start(rig);
    assert.deepEqual(
      stack.texts.filter((text) => text.startsWith("plan")),
      [],
    );
    const { changes, lines } = await stack.preview(program());
    assert.equal(changes, false);
    assert.deepEqual(lines, []);
    const before = mutations(flink).length;
    assert.equal(await stack.up(program()), false);
    assert.equal(mutations(flink).length, before);
  });

  it("ignore the provider's text, the uid and the place of the messages", async () => {
    const { stack, program } = await start(rig);
    const { outputs } = stack;
    const { inputs } = stack.resource ?? assert.fail();
    const news = { ...inputs, __provider: "another text", uid: "another uid", resourceUrn: "urn:another" };
    assert.deepEqual(await diffDeployment(outputs, news), { changes: false });
    assert.equal((await stack.preview(program({ parallelism: 2 }))).changes, true);
  });

  for (const status of ["FAILED", "CANCELED"] as const) {
    it(`bring a job back that is ${status} behind our back`, async () => {
      const { flink, stack, program } = await start(rig);
      const [job] = flink.activeJobs();
      assert.ok(job);
      job.checkpoint();
      job.end(status);
      const { changes, lines } = await stack.preview(program());
      assert.equal(changes, true);
      assert.match(lines.at(-1)?.text ?? "", /start job [0-9a-f]{32} on .* from checkpoint file:\/checkpoints\/.*chk-/);
      assert.equal(await stack.up(program()), true);
      assert.equal(flink.activeJobs().length, 1);
      assert.equal(flink.storage.repeated(job.lineage), 0);
    });
  }

  it("warn of a cluster that does not answer, and find no change in that", async () => {
    const { flink, stack, program } = await start(rig);
    await flink.close();
    const { changes, lines } = await stack.preview(program());
    assert.equal(changes, false);
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.level, "warn");
    assert.match(lines[0]?.text ?? "", /does not answer .*nothing is changed/);
    assert.equal(await stack.up(program()), false);
  });

  it("show a refused plan instead of failing", async () => {
    const { flink, stack, program } = await start(rig);
    flink.restartJobManager({ highAvailability: false });
    const { changes, lines } = await stack.preview(program({ parallelism: 2 }));
    assert.equal(changes, true);
    const refusal = lines.find(({ text }) => text.startsWith("will be refused: "));
    assert.equal(refusal?.level, "warn");
    const message = await stack.failingUp(program({ parallelism: 2 }));
    // The update may see a newer snapshot's age: the words are the same.
    const withoutAge = (text: string): string => text.replace(/\([^()]* old\)/, "(… old)");
    assert.equal(withoutAge(refusal?.text ?? ""), withoutAge(`will be refused: ${message}`));
  });

  it("fail where the cluster would be taken from under a job that is to be left alone", async () => {
    const storage = new FakeStorage();
    const { stack, program } = await start(rig, { upgradeStrategy: { kind: "NONE" } }, { storage });
    const other = await rig.flink({ storage });
    const message = await failure(() => stack.preview(program({ cluster: { url: other.url } })));
    assert.match(message, /upgradeStrategy is NONE.*Nothing was changed/);
    assert.deepEqual(mutations(other), []);
  });

  it("plan from the record without one request when flink:observeInPreview is false", async () => {
    const { flink, stack, program } = await start(rig);
    await stack.configure({ "flink:observeInPreview": "false" });
    rig.onClose(() => stack.configure({}));
    const before = flink.requests.length;
    const { changes, lines } = await stack.preview(program({ parallelism: 2 }));
    assert.equal(changes, true);
    assert.equal(flink.requests.length, before);
    assert.match(lines[0]?.text ?? "", /was not seen \(flink:observeInPreview is false\)/);
    const jobId = stack.outputs.jobId ?? "";
    assert.ok(lines.some(({ text }) => text.includes(`stop job ${jobId} with a savepoint`)));
    assert.equal((await stack.preview(program())).changes, false);
    assert.equal(flink.requests.length, before);
  });

  it("wait only so long for a cluster that accepts requests and answers none", async () => {
    const { flink, stack } = await start(rig);
    flink.fault({}, "hang");
    const { inputs } = stack.resource ?? assert.fail();
    const began = Date.now();
    const { changes } = await diffDeployment(stack.outputs, inputs, { observeTimeoutMs: 50 });
    assert.equal(changes, false);
    assert.ok(Date.now() - began < 3_000, "it waits for requests whose answers nobody wants any more");
  });

  it("tell the plan of a job whose arguments are not known yet", async () => {
    const { flink, stack, program } = await start(rig);
    const jobId = stack.outputs.jobId ?? "";
    const { changes, lines } = await stack.preview(
      program({ artifact: { jarUri: UNKNOWN_VALUE, mainArgs: [UNKNOWN_VALUE] } }),
    );
    assert.equal(changes, true);
    assert.deepEqual(
      lines.map(({ text }) => text).filter((text) => text.startsWith("plan")),
      [
        `plan 1/3: upload the artifact to ${flink.url}`,
        `plan 2/3: stop job ${jobId} with a savepoint`,
        `plan 3/3: start the job on ${flink.url} from that savepoint; if it does not come up, roll back to the old job`,
      ],
    );
  });

  it("speak of the new cluster while its address is not known yet", async () => {
    const { flink, stack, program } = await start(rig, {});
    const jobId = stack.outputs.jobId ?? "";
    const { changes, lines } = await stack.preview(program({ cluster: { url: UNKNOWN_VALUE, fingerprint: "f2" } }));
    assert.equal(changes, true);
    const plan = lines.map(({ text }) => text).filter((text) => text.startsWith("plan"));
    assert.match(plan[0] ?? "", /^plan 1\/4: upload job\.jar .* to the (new )?cluster$/);
    assert.equal(plan[1], `plan 2/4: stop job ${jobId} with a savepoint`);
    assert.match(plan[2] ?? "", /^plan 3\/4: start job [0-9a-f]{32} on the (new )?cluster from that savepoint/);
    assert.equal(plan[3], "plan 4/4: delete jars that nothing uses any more");
    const unknown = await stack.preview(program({ cluster: UNKNOWN_VALUE }));
    assert.ok(unknown.lines.some(({ text }) => text.includes("on the new cluster from that savepoint")));
    assert.equal(flink.activeJobs().length, 1);
  });

  it("find nothing wrong with a whole document that is not known yet", async () => {
    const stack = await rig.stack();
    const { changes, failures } = await stack.preview({
      cluster: UNKNOWN_VALUE,
      artifact: UNKNOWN_VALUE,
      parallelism: UNKNOWN_VALUE,
      flinkConfiguration: UNKNOWN_VALUE,
      upgradeStrategy: UNKNOWN_VALUE,
      restoreStrategy: UNKNOWN_VALUE,
      timeouts: UNKNOWN_VALUE,
      initialSavepointPath: UNKNOWN_VALUE,
      state: UNKNOWN_VALUE,
    });
    assert.deepEqual(failures, []);
    assert.equal(changes, true);
  });
});
