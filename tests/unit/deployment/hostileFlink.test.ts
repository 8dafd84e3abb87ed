import assert from "node:assert/strict";
import { FlinkCluster } from "../../../provider/deployment/flinkCluster";
import { FlinkClient } from "../../../provider/flink/client";
import { deriveJobId } from "../../../provider/lifecycle/ids";
import type { Desired } from "../../../provider/lifecycle/model";
import { observe } from "../../../provider/lifecycle/observe";
import { listen, type FakeServer } from "../flink/fakeServer";

const UID = "a-uid";
const NOW = 1_800_000_000_000;

/** What a server says that is not Flink, whatever it is asked. */
interface Lies {
  /** How many jobs of the deployment there are. */
  readonly jobs: number;
  readonly state: string;
  readonly refreshInterval: string;
  /** What it says of every stop. */
  readonly stop: object;
}

describe("a deployment whose Flink lies", function () {
  this.timeout(60_000);
  let server: FakeServer;
  let client: FlinkClient;
  let requests: string[];
  let slept: number[];

  async function given({ jobs, state, refreshInterval, stop }: Lies): Promise<FlinkCluster> {
    requests = [];
    slept = [];
    const counts = { completed: 0, failed: 0, restored: 0, in_progress: 0 };
    const listed = Array.from({ length: jobs }, (_, generation) => ({
      jid: deriveJobId(UID, { generation, attempt: 0, digest: "0".repeat(10) }),
      name: "job",
      state,
      "start-time": NOW - 10_000,
      "end-time": state === "RUNNING" ? -1 : NOW,
      tasks: {},
    }));
    server = await listen((request, response) => {
      const url = request.url ?? "";
      requests.push(url);
      const answer = (): unknown => {
        if (url === "/overview") {
          return { "flink-version": "1.20.0", taskmanagers: 1, "slots-total": 1, "slots-available": 1 };
        }
        if (url === "/jobs/overview") return { jobs: listed };
        if (url === "/jars") return { files: [] };
        if (url === "/jobmanager/config") return [{ key: "web.refresh-interval", value: refreshInterval }];
        if (url.endsWith("/checkpoints/config")) return { interval: 1_000, timeout: 1_000, externalization: null };
        return url.endsWith("/checkpoints") ? { counts, latest: {} } : stop;
      };
      response.end(JSON.stringify(answer()));
    });
    client = new FlinkClient({ url: server.url });
    const clock = { now: () => NOW, sleep: (ms: number) => (slept.push(ms), Promise.resolve()) };
    const view = { uid: UID, clock, interrupted: new AbortController().signal };
    return new FlinkCluster({ key: server.url, name: server.url }, client, view);
  }

  function look(cluster: FlinkCluster): Promise<unknown> {
    const unknown = { job: { kind: "unknown" }, cluster: { kind: "none" } };
    const desired = { uid: UID, ...unknown, policy: { abandonedJobs: [] } } as unknown as Desired;
    const clock = { now: () => NOW, sleep: () => Promise.resolve() };
    return observe(undefined, desired, { current: cluster, target: undefined }, clock, () => Promise.resolve(false));
  }

  afterEach(async () => {
    await client.close();
    await server.close();
  });

  it("is not looked at for ever, though it knows every stop that it is asked about", async () => {
    const cluster = await given({
      jobs: 1,
      state: "FINISHED",
      refreshInterval: "100",
      stop: { status: { id: "IN_PROGRESS" } },
    });
    await assert.rejects(look(cluster), (error: Error & { code?: string }) => {
      assert.equal(error.code, "FLINK_STATE_UNCLEAR");
      assert.match(error.message, /of 512 savepoints that it knows them.*Nothing was changed/);
      return true;
    });
    assert.equal(requests.filter((url) => url.includes("/savepoints/")).length, 512);
  });

  it("is not asked about each of thousands of its jobs that run", async () => {
    const cluster = await given({ jobs: 5_000, state: "RUNNING", refreshInterval: "100", stop: {} });
    const observed = await cluster.observe();
    assert.equal(observed.kind === "reachable" && observed.jobs.length, 32);
    assert.ok(requests.length < 100, `${requests.length} requests`);
  });

  it("is not waited for as long as it says that its answers are old", async () => {
    const cluster = await given({ jobs: 1, state: "FINISHED", refreshInterval: "10000 d", stop: {} });
    await cluster.observe();
    assert.deepEqual(slept, [60_000]);
  });
});
