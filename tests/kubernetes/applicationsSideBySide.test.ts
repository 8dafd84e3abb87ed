import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkApplication, type JobRecord } from "../../index";
import { buildCountingJob, countingArguments, waitForRecords } from "../rig/countingJob";
import { until } from "../rig/until";
import { PodsStack, SMALL } from "./podsStack";

const NAMES = ["clicks", "orders"] as const;

/** By the application's name: its jobs, newest first. */
type Jobs = Record<(typeof NAMES)[number], JobRecord[]>;

describe("two FlinkApplications in one namespace", function () {
  this.timeout(900_000);

  let pods: PodsStack;
  let jar: string;
  const counts = new Map<string, string>();

  before(async () => {
    jar = await buildCountingJob();
  });

  beforeEach(async () => {
    pods = await PodsStack.open("two");
    for (const name of NAMES) counts.set(name, await pods.makeOutput(`counts-${name}`));
  });

  afterEach(() => pods.dispose());

  /** On a volume that one node alone can mount. */
  const programOf = (tags: Record<(typeof NAMES)[number], string>): PulumiFn =>
    pods.program(({ args, opts }) => {
      const jobs = NAMES.map((name) => {
        const mainArgs = countingArguments({ output: counts.get(name) ?? "", tag: tags[name] });
        const application = new FlinkApplication(
          name,
          {
            ...args,
            flinkVersion: "1.20.0",
            resources: SMALL,
            artifact: { jar: new pulumi.asset.FileAsset(jar), mainArgs },
            flinkConfiguration: { "execution.checkpointing.interval": "1 s", "web.refresh-interval": 100 },
          },
          opts,
        );
        return [name, application.deployment.jobs] as const;
      });
      return Object.fromEntries(jobs);
    }, "ReadWriteOnce");

  it("leave each other alone, are warned of a volume of one node, and are destroyed when the namespace is gone", async () => {
    const created = await pods.up(programOf({ clicks: "v1", orders: "v1" }));
    for (const name of NAMES) {
      assert.match(
        created.messages(name).join("\n"),
        /storage\.volume: its access modes are ReadWriteOnce: only one node can mount it/,
      );
      await waitForRecords(counts.get(name) ?? "", (lines) => lines.length > 0, 60_000);
    }
    const first = await pods.outputs<Jobs>();
    const ofClicks = (starts: string[]): string[] => starts.filter((pod) => pod.startsWith("clicks-"));
    const before = ofClicks(await pods.podStarts());
    assert.equal(before.length, 2);

    await pods.up(programOf({ clicks: "v1", orders: "v2" }));
    const second = await pods.outputs<Jobs>();
    assert.equal(second.clicks[0]?.id, first.clicks[0]?.id);
    assert.notEqual(second.orders[0]?.id, first.orders[0]?.id);
    assert.deepEqual(ofClicks(await pods.podStarts()), before);

    await pods.client.delete(pods.space, "Background");
    await until("the namespace is gone", async () => (await pods.client.get(pods.space)) === undefined, 120_000);
    await pods.destroy(programOf({ clicks: "v1", orders: "v2" }));
    assert.deepEqual(
      (await pods.stack.exportState()).resources.filter(({ type }) => type !== STACK),
      [],
    );
  });
});

const STACK = "pulumi:pulumi:Stack";
