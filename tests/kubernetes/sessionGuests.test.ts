import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkDeployment, SessionCluster, type FlinkEndpoint, type JobRecord } from "../../index";
import { assertContinuous, buildCountingJob, countingArguments, readCounts, waitForRecords } from "../rig/countingJob";
import { PodsStack, SMALL, type Place } from "./podsStack";

/** What is under it has URNs of its own. */
class Team extends pulumi.ComponentResource {
  constructor(name: string) {
    super("tests:index:Team", name);
  }
}

interface Outputs {
  readonly own: JobRecord[];
  readonly service: string;
  readonly endpoint: FlinkEndpoint;
  /** The job on the other stack's cluster. */
  readonly guest?: JobRecord[];
}

describe("session clusters of the same name, whose jobs have the same name", function () {
  this.timeout(900_000);

  let owner: PodsStack;
  let visitor: PodsStack;
  let jar: string;
  const counts = { owners: "", visitors: "", guests: "" };

  before(async () => {
    jar = await buildCountingJob();
  });

  beforeEach(async () => {
    [owner, visitor] = await Promise.all([PodsStack.open("owner"), PodsStack.open("visitor")]);
    counts.owners = await owner.makeOutput("counts");
    counts.visitors = await visitor.makeOutput("counts");
    counts.guests = await owner.makeOutput("guests-counts");
  });

  afterEach(async () => {
    await Promise.all([owner.dispose(), visitor.dispose()]);
  });

  const ordersOn = (
    cluster: SessionCluster | FlinkEndpoint,
    output: string,
    tag: string,
    opts: pulumi.CustomResourceOptions = {},
  ): FlinkDeployment => {
    const mainArgs = countingArguments({ output, tag, name: "orders" });
    const artifact = { jar: new pulumi.asset.FileAsset(jar), mainArgs };
    const flinkConfiguration = { "execution.checkpointing.interval": "1 s" };
    return new FlinkDeployment("orders", { cluster, artifact, flinkConfiguration }, opts);
  };

  /** A cluster and a job on it. */
  const declare = ({ args, opts }: Place, output: string) => {
    const cluster = new SessionCluster(
      "shared",
      {
        ...args,
        flinkVersion: "2.3.0",
        slotsPerTaskManager: 2,
        resources: SMALL,
        flinkConfiguration: { "web.refresh-interval": 100 },
      },
      opts,
    );
    const { jobs } = ordersOn(cluster, output, "v1", { parent: new Team("own") });
    return { own: jobs, service: cluster.serviceName, endpoint: cluster.endpoint };
  };

  it("never meet: each job has its own id and state, and no cluster is deleted under another stack's job", async () => {
    const owners: PulumiFn = owner.program((place) => declare(place, counts.owners));
    const visitors = (there?: FlinkEndpoint, tag = "v1"): PulumiFn =>
      visitor.program((place) => ({
        ...declare(place, counts.visitors),
        ...(there === undefined ? {} : { guest: ordersOn(there, counts.guests, tag).jobs }),
      }));
    await Promise.all([owner.up(owners), visitor.up(visitors())]);
    const theirs = await owner.outputs<Outputs>();
    await visitor.up(visitors(theirs.endpoint));
    const ours = await visitor.outputs<Outputs>();
    const ids = [theirs.own[0]?.id, ours.own[0]?.id, ours.guest?.[0]?.id];
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(await owner.runningJobs(theirs.service), [ids[0], ids[2]].sort());
    assert.deepEqual(await visitor.runningJobs(ours.service), [ids[1]]);
    for (const output of Object.values(counts)) await waitForRecords(output, (lines) => lines.length > 0, 60_000);

    const pods = await owner.podStarts();
    await visitor.up(visitors(theirs.endpoint, "v2"));
    const { guest, own } = await visitor.outputs<Outputs>();
    assert.match(guest?.[0]?.restoredFrom ?? "", /\/savepoints\//);
    assert.equal(own[0]?.id, ids[1]);
    assert.deepEqual(await owner.runningJobs(theirs.service), [ids[0], guest?.[0]?.id].sort());
    assert.deepEqual(await owner.podStarts(), pods, "a changed job restarts no pod");
    await waitForRecords(counts.guests, (lines) => lines.some(({ tag }) => tag === "v2"), 60_000);

    const { failure = "it succeeded" } = await owner.stack.destroy({ program: owners });
    assert.match(failure, /shared at service \S+ is not deleted: a job runs on it/);
    assert.ok(failure.includes(guest?.[0]?.id ?? "?"), failure);
    assert.deepEqual(await owner.runningJobs(theirs.service), [guest?.[0]?.id]);

    await visitor.destroy(visitors(theirs.endpoint, "v2"));
    await owner.destroy(owners);
    for (const output of Object.values(counts)) assertContinuous(await readCounts(output));
  });
});
