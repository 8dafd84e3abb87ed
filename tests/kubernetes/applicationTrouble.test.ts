import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkApplication, type FlinkApplicationArgs, type JobRecord } from "../../index";
import {
  assertContinuous,
  buildCountingJob,
  countingArguments,
  readCounts,
  waitForRecords,
  type CountingArguments,
} from "../rig/countingJob";
import { until } from "../rig/until";
import { PodsStack, SMALL } from "./podsStack";

interface Outputs {
  jobs: JobRecord[];
  service: string;
}

describe("a FlinkApplication on real pods, when its upgrade fails", function () {
  this.timeout(900_000);

  let pods: PodsStack;
  let output: string;
  let jar: string;

  before(async () => {
    jar = await buildCountingJob();
  });

  beforeEach(async () => {
    pods = await PodsStack.open("trouble");
    output = await pods.makeOutput("counts");
  });

  afterEach(() => pods.dispose());

  function programOf(job: Partial<CountingArguments>, changes: Partial<FlinkApplicationArgs> = {}): PulumiFn {
    return pods.program(({ args, opts }) => {
      const own: FlinkApplicationArgs = {
        flinkVersion: "1.20.0",
        resources: SMALL,
        artifact: { jar: new pulumi.asset.FileAsset(jar), mainArgs: countingArguments({ output, tag: "v1", ...job }) },
        flinkConfiguration: { "execution.checkpointing.interval": "1 s", "web.refresh-interval": 100 },
        maxJobCreationAttempts: 1,
      };
      const application = new FlinkApplication("orders", { ...args, ...own, ...changes }, opts);
      return { jobs: application.deployment.jobs, service: application.cluster?.serviceName };
    });
  }

  const written = (tag: string) => waitForRecords(output, (lines) => lines.some((line) => line.tag === tag), 60_000);

  const statusOf = ({ service }: Outputs, jobId = ""): Promise<string> => {
    const proxy = `/api/v1/namespaces/${pods.namespace}/services/http:${service}:8081/proxy`;
    return pods.client.text("GET", `${proxy}/jobs/${jobId}/status`);
  };

  it("keeps the old job while the new image cannot be pulled, says so, and moves on with one that can", async () => {
    await pods.up(programOf({}));
    const before = await pods.outputs<Outputs>();
    await written("v1");
    const [clusterId] = await pods.clusterIds();

    const wrong = programOf({ tag: "v2" }, { image: "registry.invalid/flink:1.20.0", clusterReadyTimeout: "45 s" });
    const { failure = "it succeeded" } = await pods.stack.up({ program: wrong });
    assert.match(failure, /ErrImagePull|ImagePullBackOff/);
    assert.match(failure, /registry\.invalid\/flink:1\.20\.0/);
    assert.match(await statusOf(before, before.jobs[0]?.id), /RUNNING/);

    await pods.up(programOf({ tag: "v2" }));
    await written("v2");
    const onlyOneIsLeft = async (): Promise<boolean> => {
      const ids = await pods.clusterIds();
      return ids.length === 1 && ids[0] !== clusterId;
    };
    await until("the other pods are gone", onlyOneIsLeft, 120_000);
    await pods.destroy(programOf({ tag: "v2" }));
    assertContinuous(await readCounts(output));
  });

  it("brings the old job back on its old pods when the new one does not come up", async () => {
    await pods.up(programOf({}));
    const before = await pods.outputs<Outputs>();
    await written("v1");
    const [clusterId = ""] = await pods.clusterIds();

    const { failure = "it succeeded" } = await pods.stack.up({ program: programOf({ tag: "v2", failAtStart: true }) });
    assert.match(failure, /Rolled back/);
    assert.ok((await pods.clusterIds()).includes(clusterId), "the old pods are gone");
    const { jobs } = JSON.parse(
      await pods.client.text(
        "GET",
        `/api/v1/namespaces/${pods.namespace}/services/http:${before.service}:8081/proxy/jobs`,
      ),
    ) as { jobs: { id: string; status: string }[] };
    assert.deepEqual(
      jobs.map(({ status }) => status).sort(),
      ["FINISHED", "RUNNING"],
      "on the old cluster: the job that was stopped, and the one that took its place",
    );

    await pods.up(programOf({ tag: "v3" }));
    await written("v3");
    await until("the old pods are gone", async () => !(await pods.clusterIds()).includes(clusterId), 120_000);
    await pods.destroy(programOf({ tag: "v3" }));
    assertContinuous(await readCounts(output));
  });
});
