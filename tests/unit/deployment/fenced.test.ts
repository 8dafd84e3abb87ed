import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { FlinkCluster } from "../../../provider/deployment/flinkCluster";
import { systemClock } from "../../../provider/deployment/clock";
import { engineFence } from "../../../provider/engine/fence";
import { FlinkClient } from "../../../provider/flink/client";
import { uploadName } from "../../../provider/values/uploadName";
import { jobIdPrefix } from "../../../provider/lifecycle/ids";
import { FakeFlink, makeJar } from "../../rig/fakeFlink";
import { startEngineServer } from "../engine/engineServer";
import { mutations } from "../hooks/fixture";

const UID = "0123456789abcdef0123456789abcdef";
const JOB = "0".repeat(32);
const TRIGGER = "1".repeat(32);
const SHA256 = "2".repeat(64);

type Methods<T> = { [Name in keyof T]: T[Name] extends (...args: never[]) => Promise<unknown> ? Name : never }[keyof T];

/** Every method that asks Flink something: what it asks when it changes something, or that it only reads. */
const client: Record<Methods<FlinkClient>, "reads" | ((client: FlinkClient, jar: string) => Promise<unknown>)> = {
  overview: "reads",
  clusterConfiguration: "reads",
  taskManagerHosts: "reads",
  jobs: "reads",
  jobStatus: "reads",
  isInCharge: "reads",
  job: "reads",
  jobConfiguration: "reads",
  checkpoints: "reads",
  checkpointConfig: "reads",
  exceptions: "reads",
  numRestarts: "reads",
  jars: "reads",
  savepointOperation: "reads",
  disposalOperation: "reads",
  close: "reads",
  uploadJar: (it, jar) => it.uploadJar(jar, "a.jar"),
  deleteJar: (it) => it.deleteJar("a.jar"),
  runJar: (it) => it.runJar("a.jar", { jobId: JOB }, 1_000),
  stopWithSavepoint: (it) => it.stopWithSavepoint(JOB, { triggerId: TRIGGER }),
  triggerSavepoint: (it) => it.triggerSavepoint(JOB, { triggerId: TRIGGER }),
  disposeSavepoint: (it) => it.disposeSavepoint("file:/savepoints/1"),
  cancel: (it) => it.cancel(JOB),
  shutDown: (it) => it.shutDown(),
};

const spec = {
  artifactSha256: SHA256,
  entryClass: undefined,
  mainArgs: [],
  parallelism: 1,
  flinkConfiguration: {},
} as unknown as Parameters<FlinkCluster["submit"]>[0]["spec"];

/** The same of a cluster as transitions see it. */
const port: Record<Methods<FlinkCluster>, "reads" | ((port: FlinkCluster, jar: string) => Promise<unknown>)> = {
  observe: "reads",
  lostJobs: "reads",
  observeJob: "reads",
  progress: "reads",
  keepsEnd: "reads",
  health: "reads",
  failureOf: "reads",
  stopResult: "reads",
  neededSnapshots: "reads",
  disposalResult: "reads",
  beginDisposal: (it) => it.beginDisposal("file:/savepoints/1"),
  stop: (it) => it.stop(JOB, { triggerId: TRIGGER, formatType: "CANONICAL", drain: false }),
  cancel: (it) => it.cancel(JOB),
  upload: (it, path) => it.upload({ path, fileName: "a.jar", sha256: "3".repeat(64) }, () => undefined),
  submit: (it) =>
    it.submit({ jobId: JOB, spec, allowNonRestoredState: false, claimMode: "NO_CLAIM", timeoutMs: 1_000 }),
  removeArtifacts: (it) => it.removeArtifacts(undefined),
};

describe("what changes something on a Flink cluster", () => {
  let flink: FakeFlink;
  let folder: string;
  let jar: string;
  let fenced: FlinkClient;
  let cluster: FlinkCluster;
  let sent: number;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "pulumi-flink-fence-"));
    jar = join(folder, "a.jar");
    await writeFile(jar, makeJar({ content: "a" }));
    flink = await FakeFlink.start();
    const engine = await startEngineServer();
    const free = new FlinkClient({ url: flink.url });
    // So that there is a jar to be run and to be deleted.
    await free.uploadJar(jar, uploadName(jobIdPrefix(UID), SHA256, "a.jar"));
    await free.close();
    fenced = new FlinkClient({ url: flink.url }, { beforeMutation: engineFence(engine.address) });
    cluster = new FlinkCluster({ key: flink.url, name: flink.url }, fenced, {
      uid: UID,
      clock: systemClock,
      interrupted: new AbortController().signal,
    });
    engine.close();
    sent = mutations(flink).length;
  });

  after(async () => {
    await fenced.close();
    await flink.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [name, send] of Object.entries(client)) {
    if (send === "reads") continue;
    it(`is not asked for by the client's ${name} once the engine is gone`, async () => {
      await assert.rejects(send(fenced, jar), { code: "FLINK_ENGINE_GONE" });
      assert.equal(mutations(flink).length, sent);
    });
  }

  for (const [name, send] of Object.entries(port)) {
    if (send === "reads") continue;
    it(`is not asked for by a transition's ${name} once the engine is gone`, async () => {
      await assert.rejects(send(cluster, jar), { code: "FLINK_ENGINE_GONE" });
      assert.equal(mutations(flink).length, sent);
    });
  }

  it("is all in these tables", () => {
    const methods = (of: object) => Object.getOwnPropertyNames(of).filter((name) => name !== "constructor");
    const own = ["read", "readUnlessCheckpointingOff", "trigger", "send", "claimModeKey"];
    assert.deepEqual(
      methods(FlinkClient.prototype)
        .filter((name) => !own.includes(name))
        .sort(),
      Object.keys(client).sort(),
    );
  });
});
