import assert from "node:assert/strict";
import type { ARGUMENT_CLASSES } from "../../../provider/deployment/argumentClasses";
import type { Arguments } from "../../rig/deploymentRuns";
import { mutations, prepare, start, useRig, type Running } from "./fixture";

type Change = (running: Running) => Arguments | Promise<Arguments>;
type Name = keyof typeof ARGUMENT_CLASSES;
type OfClass<C> = { [K in Name]: (typeof ARGUMENT_CLASSES)[K] extends C ? K : never }[Name];

const inCluster =
  (more: Arguments): Change =>
  ({ flink }) => ({ cluster: { url: flink.url, fingerprint: "f", ...more } });
const inArtifact =
  (more: Arguments): Change =>
  ({ jarUri }) => ({ artifact: { jarUri, ...more } });
const top =
  (name: string, value: unknown): Change =>
  () => ({ [name]: value });

/** One change of each argument that must restart nothing; a change of `state` is a transition of its own. */
const POLICY_CHANGES: Record<Exclude<OfClass<"policy">, "state" | `cluster.kubernetes.${string}`>, Change> = {
  "cluster.processes": inCluster({ processes: { host: "another machine", directory: "/d" } }),
  "cluster.bearerToken": inCluster({ bearerToken: "newer" }),
  "cluster.basicAuth": inCluster({ basicAuth: { username: "u", password: "p" } }),
  "cluster.headers": inCluster({ headers: { "X-Tenant": "b" } }),
  "cluster.tls": inCluster({ tls: { insecureSkipVerify: true } }),
  "artifact.httpHeaders": async () => ({ artifact: await served({ "X-Key": "b" }) }),
  "artifact.sha256": inArtifact({ sha256: "" }),
  upgradeStrategy: top("upgradeStrategy", { kind: "STATELESS", fallback: "LATEST_STATE" }),
  restoreStrategy: top("restoreStrategy", {
    kind: "LATEST_SAVEPOINT",
    allowNonRestoredState: true,
    maxStateAge: "1 d",
  }),
  initialSavepointPath: top("initialSavepointPath", "file:///savepoints/mine"),
  savepointTargetDirectory: top("savepointTargetDirectory", "file:///elsewhere"),
  savepointFormatType: top("savepointFormatType", "NATIVE"),
  maxSavepointCreationAttempts: top("maxSavepointCreationAttempts", 9),
  maxJobCreationAttempts: top("maxJobCreationAttempts", 9),
  jobFailureExpirationTime: top("jobFailureExpirationTime", "1 h"),
  jobSubmissionTimeout: top("jobSubmissionTimeout", "10 s"),
  timeouts: top("timeouts", { running: "10 s", savepoint: "10 s", cancel: "10 s", unreachable: "10 s" }),
  healthCheck: top("healthCheck", { completedCheckpoints: 3, maxRestarts: 0 }),
  rollback: top("rollback", false),
  drain: top("drain", true),
  forceCancellationOf: top("forceCancellationOf", "0".repeat(32)),
  onDelete: top("onDelete", "CANCEL"),
  savepointHistory: top("savepointHistory", { maxCount: 3, maxAge: "7 d", dispose: true }),
  labels: top("labels", { team: "b" }),
  displayName: top("displayName", "Orders"),
  maxEvents: top("maxEvents", 3),
};

/** One change of each argument that makes another job. */
const JOB_CHANGES: Record<OfClass<"job">, Change> = {
  "artifact.jar": () => assetOf("second"),
  "artifact.jarUri": async () => ({ artifact: { jarUri: await jarOf("second", "second.jar") } }),
  "artifact.entryClass": inArtifact({ entryClass: "org.example.Other" }),
  "artifact.mainArgs": inArtifact({ mainArgs: "--topic orders" }),
  "artifact.additionalDependencies": async ({ jarUri }) => ({
    artifact: { jarUri, additionalDependencies: [await jarOf("library", "library.jar")] },
  }),
  parallelism: top("parallelism", 2),
  flinkConfiguration: top("flinkConfiguration", { "execution.checkpointing.interval": "2 s" }),
  savepointRedeployNonce: top("savepointRedeployNonce", 2),
  restartNonce: top("restartNonce", "again"),
  annotations: top("annotations", { reason: "again" }),
};

let jarOf: (content: string, name: string) => Promise<string>;
let assetOf: (content: string) => Promise<Arguments>;
let served: (httpHeaders: Record<string, string>) => Promise<Arguments>;

describe("a change of one argument of a FlinkDeployment", () => {
  const rig = useRig();

  before(() => {
    jarOf = (content, name) => rig.jar(content, name);
    assetOf = async (content) => ({ artifact: { jar: await rig.jarAsset(content) } });
    let address: Promise<string> | undefined;
    afterEach(() => (address = undefined));
    served = async (httpHeaders) => ({ jarUri: await (address ??= rig.jarServer("first")), httpHeaders });
  });

  /** What is given before the change, where the plain program has nothing to change. */
  async function given(name: string, running: Running): Promise<Arguments> {
    switch (name) {
      case "artifact.jar":
        return assetOf("first");
      case "artifact.httpHeaders":
        return { artifact: await served({ "X-Key": "a" }) };
      case "savepointRedeployNonce":
        running.flink.addSnapshot("file:///savepoints/mine", 3);
        return { initialSavepointPath: "file:///savepoints/mine", savepointRedeployNonce: 1 };
      case "artifact.jarUri":
      case "artifact.entryClass":
        return { artifact: { jarUri: await jarOf("first", "job.jar") } };
      default:
        return name.startsWith("cluster.") ? await inCluster({})(running) : {};
    }
  }

  for (const [name, change] of Object.entries(POLICY_CHANGES)) {
    it(`of ${name} is recorded, and restarts nothing`, async () => {
      const running = await prepare(rig);
      const { flink, stack, program } = running;
      const from = await given(name, running);
      await stack.up(program(from));
      const jobId = stack.outputs.jobId;
      const before = mutations(flink);
      const changes = { ...from, ...(await change(running)) };
      if (name === "artifact.sha256") {
        const { artifactSha256 } = stack.outputs.record.applied?.job ?? assert.fail();
        changes["artifact"] = { jarUri: running.jarUri, sha256: artifactSha256 };
      }
      const to = program(changes);
      const { changes: changed, lines } = await stack.preview(to);
      assert.equal(changed, true, "a recorded change is a change");
      assert.deepEqual(
        lines.filter(({ text }) => /\b(stop|cancel|start|upload) (job|the job|\w+\.jar)/.test(text)),
        [],
      );
      assert.equal(await stack.up(to), true);
      assert.deepEqual(mutations(flink), before);
      assert.equal(stack.outputs.jobId, jobId);
      assert.equal((await stack.preview(to)).changes, false, "it is recorded");
    });
  }

  for (const [name, change] of Object.entries(JOB_CHANGES)) {
    it(`of ${name} upgrades the job with its state`, async () => {
      const running = await prepare(rig);
      const { flink, stack, program } = running;
      const from = await given(name, running);
      await stack.up(program(from));
      const [old] = flink.activeJobs();
      const to = program({ ...from, ...(await change(running)) });
      assert.equal((await stack.preview(to)).changes, true);
      await stack.up(to);
      const [now, ...others] = flink.activeJobs();
      assert.deepEqual(others, []);
      assert.notEqual(now?.id, old?.id);
      assert.equal(old?.status, "FINISHED");
      const restored = name === "savepointRedeployNonce" ? "file:///savepoints/mine" : old?.latestState?.path;
      assert.equal(now?.submission?.savepointPath, restored);
      assert.equal((await stack.preview(to)).changes, false);
    });
  }
});

describe("the outputs of a FlinkDeployment", () => {
  const rig = useRig();

  it("hold every argument with its default", async () => {
    const { stack, flink, jarUri } = await start(rig);
    const {
      uid,
      resourceUrn,
      status,
      jobs,
      savepoints,
      events,
      record,
      jobId,
      webInterfaceUrl,
      onDeletePlan,
      ...rest
    } = stack.outputs;
    assert.deepEqual(rest, {
      __provider: "the provider, serialized",
      cluster: { url: flink.url },
      state: "RUNNING",
      artifact: { jarUri, mainArgs: [], additionalDependencies: [], httpHeaders: {} },
      parallelism: 1,
      flinkConfiguration: { "execution.checkpointing.interval": "1 s" },
      upgradeStrategy: { kind: "STATEFUL", fallback: "REFUSE" },
      restoreStrategy: { kind: "LATEST_STATE", allowNonRestoredState: false, claimMode: "NO_CLAIM" },
      savepointFormatType: "CANONICAL",
      maxSavepointCreationAttempts: 4,
      maxJobCreationAttempts: 4,
      jobFailureExpirationTime: "0 s",
      jobSubmissionTimeout: "300 s",
      timeouts: { running: "5 min", cancel: "1 min", unreachable: "1 min" },
      healthCheck: { timeout: "5 min", completedCheckpoints: 0 },
      rollback: true,
      drain: false,
      onDelete: "SAVEPOINT",
      savepointHistory: { maxCount: 20, dispose: false },
      annotations: {},
      labels: {},
      maxEvents: 50,
    });
    assert.equal(uid, stack.uid);
    assert.equal(resourceUrn, stack.urn);
    assert.equal(status.state, "RUNNING");
    assert.equal(status.running?.jobId, jobId);
    assert.equal(jobId, flink.activeJobs()[0]?.id);
    assert.deepEqual(
      jobs.map(({ id, state, generation }) => [id, state, generation]),
      [[jobId, "STARTED", 1]],
    );
    assert.deepEqual(savepoints, []);
    assert.deepEqual(
      events.map(({ reason }) => reason),
      ["JobStatusChanged", "Submit", "Upload"],
    );
    assert.equal(webInterfaceUrl, `${flink.url}/#/job/running/${jobId ?? ""}/overview`);
    assert.match(onDeletePlan, new RegExp(`^stop job ${jobId ?? ""} with a savepoint`));
    assert.deepEqual(Object.keys(record.endpoints), [record.applied?.cluster.key]);
  });

  it("keep a bounded history of jobs, savepoints and events, newest first", async () => {
    const { stack, program } = await start(rig, { maxEvents: 5 });
    const paths: (string | undefined)[] = [];
    for (let nonce = 1; nonce <= 22; nonce += 1) {
      await stack.up(program({ restartNonce: nonce }));
      paths.unshift(stack.outputs.latestSavepoint);
    }
    const { jobs, savepoints, events, jobId } = stack.outputs;
    assert.equal(jobs.length, 20);
    assert.equal(jobs[0]?.id, jobId);
    assert.deepEqual(
      jobs.slice(1).map(({ state }) => state),
      Array(19).fill("TERMINATED"),
    );
    assert.deepEqual(
      savepoints.map(({ path }) => path),
      paths.slice(0, 20),
    );
    assert.equal(new Set(paths).size, 22);
    assert.equal(events.length, 5);
    assert.equal(events[0]?.reason, "JobStatusChanged");
    const times = events.map(({ time }) => Date.parse(time));
    assert.deepEqual(
      times,
      [...times].sort((a, b) => b - a),
    );
  });

  it("are asked for again with every wrong argument named, at once and without a request", async () => {
    const { flink, stack, program } = await prepare(rig);
    const { failures } = await stack.preview(program({ parallelism: 0, upgradeStrategy: { kind: "BLUE" }, colour: 1 }));
    assert.equal(failures.length, 3);
    for (const name of ["parallelism", "upgradeStrategy.kind", "colour"]) {
      assert.ok(
        failures.some((reason) => reason.startsWith(name)),
        name,
      );
    }
    assert.deepEqual(flink.requests, []);
  });
});
