import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { buildDependentJob, saidBy } from "../rig/dependentJob";
import { DeploymentHooks, type Preview } from "../rig/deploymentHooks";
import { withEnvironment } from "../rig/environment";
import { startFlink, SUPPORTED_VERSIONS, type RealFlink } from "../rig/flink";
import { startS3Server, type S3Server } from "../rig/s3Server";

const NO_FILES = { AWS_CONFIG_FILE: "/none/config", AWS_SHARED_CREDENTIALS_FILE: "/none/credentials" };

describe("a jar on a real S3 server", function () {
  this.timeout(120_000);
  let s3: S3Server;
  let restore = (): void => {};
  before(async () => {
    const { job, library } = await buildDependentJob();
    s3 = await startS3Server();
    await s3.makeBucket("jars");
    await s3.put("jars", "jobs/dependent.jar", await fs.readFile(job));
    await s3.put("jars", "libraries/library.jar", await fs.readFile(library));
  });
  beforeEach(() => (restore = withEnvironment({ ...NO_FILES, ...s3.environment })));
  afterEach(() => restore());
  after(() => s3.stop());

  const previewWith = (artifact: object): Promise<Preview> =>
    new DeploymentHooks().preview({ cluster: { url: "http://127.0.0.1:1" }, artifact });

  async function failureWith(artifact: object): Promise<string | undefined> {
    return (await previewWith(artifact)).failures[0];
  }

  describe("with a cluster", () => {
    let flink: RealFlink;
    before(async () => (flink = await startFlink({ version: SUPPORTED_VERSIONS[1] })));
    after(() => flink?.stop());

    it("runs, with what it needs from there too, and is upgraded when an object is replaced", async () => {
      const output = path.join(flink.directory, "output");
      await fs.mkdir(output);
      const hooks = new DeploymentHooks();
      const wanted = {
        cluster: { url: flink.url },
        artifact: {
          jarUri: "s3://jars/jobs/dependent.jar",
          additionalDependencies: ["s3://jars/libraries/library.jar", "s3://jars/name.txt"],
          mainArgs: [output],
        },
        flinkConfiguration: { "execution.checkpointing.interval": "1 s" },
      };
      await s3.put("jars", "name.txt", "bucket");
      const first = await hooks.apply(wanted);
      assert.deepEqual(await saidBy(output), ["hello bucket", "hello bucket"]);
      assert.equal((await hooks.preview(wanted)).changes, false);
      await s3.put("jars", "name.txt", "other bucket");
      assert.equal((await hooks.preview(wanted)).changes, true);
      const second = await hooks.apply(wanted);
      assert.deepEqual(await saidBy(output), ["hello other bucket", "hello other bucket"]);
      assert.notEqual(second.jobId, first.jobId);
      await hooks.remove();
    });
  });

  it("is found by a profile with its keys and its endpoint", async () => {
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_REGION: region } = s3.environment;
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-profile-"));
    const config = path.join(folder, "config");
    const profile = [
      "[profile jars]",
      `region = ${region}`,
      `aws_access_key_id = ${id}`,
      `aws_secret_access_key = ${secret}`,
    ];
    const services = ["services = ours", "[services ours]", "s3 =", `  endpoint_url = ${s3.endpoint}`, ""];
    await fs.writeFile(config, [...profile, ...services].join("\n"));
    restore();
    restore = withEnvironment({ ...NO_FILES, AWS_CONFIG_FILE: config, AWS_PROFILE: "jars" });
    try {
      assert.equal(await failureWith({ jarUri: "s3://jars/jobs/dependent.jar" }), undefined);
    } finally {
      await fs.rm(folder, { recursive: true });
    }
  });

  const at = "artifact.jarUri cannot be fetched from s3://jars/jobs/dependent.jar: ";
  const refusals: [what: string, key: string, changes: Record<string, string | undefined>, says: string][] = [
    ["that is not there", "none.jar", {}, "artifact.jarUri does not exist: there is no none.jar in the bucket jars"],
    [
      "with another key's secret",
      "jobs/dependent.jar",
      { AWS_SECRET_ACCESS_KEY: "s".repeat(40) },
      `${at}S3 answered 403 (SignatureDoesNotMatch): the credentials are not accepted; ` +
        "see AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    ],
    [
      "in another region",
      "jobs/dependent.jar",
      { AWS_REGION: "eu-west-1" },
      `${at}S3 answered 400 (AuthorizationHeaderMalformed): ` +
        'the bucket is in another region than the one that is set; set AWS_REGION to "us-east-1"',
    ],
    [
      "without a region",
      "jobs/dependent.jar",
      { AWS_REGION: undefined },
      `${at}no region is set; set AWS_REGION (most servers that are not Amazon's take us-east-1)`,
    ],
    [
      "without credentials",
      "jobs/dependent.jar",
      { AWS_ACCESS_KEY_ID: undefined, AWS_EC2_METADATA_DISABLED: "true" },
      `${at}the AWS SDK finds no credentials (Could not load credentials from any providers); ` +
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    ],
  ];
  for (const [what, key, changes, says] of refusals) {
    it(`is refused in words: one ${what}`, async () => {
      restore();
      const variables = Object.entries({ ...NO_FILES, ...s3.environment, ...changes });
      restore = withEnvironment(
        Object.fromEntries(variables.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
      );
      assert.equal(await failureWith({ jarUri: `s3://jars/${key}` }), says);
    });
  }

  it("is refused in words: one in a bucket that is not there, as a dependency", async () => {
    const artifact = { jarUri: "s3://jars/jobs/dependent.jar", additionalDependencies: ["s3://none-of-ours/a.conf"] };
    assert.equal(
      await failureWith(artifact),
      "artifact.additionalDependencies[0] does not exist: there is no bucket none-of-ours",
    );
  });

  it("is only a warning when the server does not answer", async () => {
    restore();
    restore = withEnvironment({ ...NO_FILES, ...s3.environment, AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" });
    const { failures, lines } = await previewWith({ jarUri: "s3://jars/jobs/other.jar" });
    assert.deepEqual(failures, []);
    assert.match(
      lines[0] ?? "",
      /^artifact\.jarUri cannot be fetched from s3:\/\/jars\/jobs\/other\.jar: .*ECONNREFUSED/,
    );
  });
});
