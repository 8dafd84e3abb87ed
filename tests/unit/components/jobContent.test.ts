import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { FlinkApplication, type FlinkApplicationArgs } from "../../../index";
import { artifactDigest } from "../../../provider/artifacts/examineArtifact";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";
import { jobSpecOf } from "../../../provider/deployment/jobSpecOf";
import { jobSpecDigest } from "../../../provider/lifecycle/jobSpec";
import { declare } from "../../rig/declaredResources";
import { inputsWith } from "../deployment/inputsFixture";

/** Arguments of the job alone, all of them known. */
type Job = Pick<FlinkApplicationArgs, "parallelism" | "flinkConfiguration" | "annotations" | "restartNonce"> & {
  artifact?: { jarUri?: string; sha256?: string; mainArgs?: string | string[]; additionalDependencies?: string[] };
};

describe("whether a FlinkApplication's job is another one", () => {
  let folder: string;

  before(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-content-"));
    for (const [name, content] of [
      ["job.jar", "job"],
      ["renamed.jar", "job"],
      ["other.jar", "other"],
      ["library.jar", "library"],
      ["moved/library.jar", "library"],
      ["renamed-library.jar", "library"],
    ] as const) {
      await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await fs.writeFile(path.join(folder, name), content);
    }
  });

  after(() => fs.rm(folder, { recursive: true }));

  const at = (name: string): string => `file://${folder}/${name}`;

  const whole = ({ artifact, ...job }: Job) => ({ ...job, artifact: { jarUri: at("job.jar"), ...artifact } });

  /** By the keeper of its cluster. */
  async function clusterOf(job: Job): Promise<unknown> {
    const args: FlinkApplicationArgs = { flinkVersion: "1.20.0", ...whole(job) };
    const made = await declare(() => void new FlinkApplication("orders", args));
    const identity = made.find(
      ({ type, parent }) => type.endsWith(":Identity") && parent.includes("ApplicationCluster"),
    );
    return (identity?.inputs["keepers"] as Record<string, unknown>)["keepers.job"];
  }

  /** By what its FlinkDeployment compares. */
  async function jobOf(job: Job): Promise<string> {
    const { inputs, failures } = checkDeploymentInputs(inputsWith(whole(job)));
    assert.deepEqual(failures, []);
    return jobSpecDigest(jobSpecOf(inputs, await artifactDigest(inputs.artifact)));
  }

  async function isAnother(one: Job, other: Job): Promise<boolean> {
    const [cluster, job] = [
      (await clusterOf(one)) !== (await clusterOf(other)),
      (await jobOf(one)) !== (await jobOf(other)),
    ];
    assert.equal(cluster, job, `another cluster: ${cluster}, another job: ${job}`);
    return job;
  }

  const packed = (...names: string[]): Job => ({ artifact: { additionalDependencies: names.map(at) } });

  const texts = (number: number | string, flag: boolean | string): Job => ({
    flinkConfiguration: { "pipeline.max-parallelism": number, "pipeline.object-reuse": flag },
  });
  const called = (mainArgs: string | string[]): Job => ({ artifact: { mainArgs } });

  const same: [what: string, one: () => Job, other: () => Job][] = [
    ["its parallelism is written out", () => ({}), () => ({ parallelism: 1 })],
    [
      "what is empty is written out",
      () => ({}),
      () => ({ flinkConfiguration: {}, annotations: {}, artifact: { mainArgs: [], additionalDependencies: [] } }),
    ],
    ["numbers and booleans are written as texts", () => texts(128, true), () => texts("128", "true")],
    [
      "its arguments are a list in place of a line",
      () => called('--name "a b" --n 1'),
      () => called(["--name", "a b", "--n", "1"]),
    ],
    ["its jar has another name", () => ({}), () => ({ artifact: { jarUri: at("renamed.jar") } })],
    ["its dependency is in another folder", () => packed("library.jar"), () => packed("moved/library.jar")],
  ];
  for (const [what, one, other] of same) {
    it(`says that it is the same where ${what}`, async () => {
      assert.equal(await isAnother(one(), other()), false);
    });
  }

  it("goes by the SHA-256 that its jar is given, wherever the jar is", async () => {
    const sha256 = "0123456789abcdef".repeat(4);
    const remote = (host: string, digest?: string): Job => ({
      artifact: { jarUri: `https://${host}/job.jar`, ...(digest === undefined ? {} : { sha256: digest }) },
    });
    assert.equal(
      await isAnother(remote("a.example.org", sha256), remote("b.example.org", sha256.toUpperCase())),
      false,
    );
    assert.equal(await isAnother(remote("a.example.org", sha256), remote("a.example.org", "f".repeat(64))), true);
    assert.notEqual(await clusterOf(remote("a.example.org")), await clusterOf(remote("b.example.org")));
  });

  const different: [what: string, one: () => Job, other: () => Job][] = [
    ["its jar has other content", () => ({}), () => ({ artifact: { jarUri: at("other.jar") } })],
    ["its parallelism is another", () => ({}), () => ({ parallelism: 2 })],
    ["a nonce is a text in place of a number", () => ({ restartNonce: 1 }), () => ({ restartNonce: "1" })],
    ["a dependency is packed into its jar", () => ({}), () => packed("library.jar")],
    ["its dependency has another name", () => packed("library.jar"), () => packed("renamed-library.jar")],
    [
      "its jar lies elsewhere in the image",
      () => ({ artifact: { jarUri: "local:///opt/a.jar" } }),
      () => ({ artifact: { jarUri: "local:///opt/b.jar" } }),
    ],
  ];
  for (const [what, one, other] of different) {
    it(`says that it is another where ${what}`, async () => {
      assert.equal(await isAnother(one(), other()), true);
    });
  }
});
