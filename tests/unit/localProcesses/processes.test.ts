import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as hooks from "../../../provider/hooks/localProcesses";
import type { ProcessesInputs, ProcessesOutputs } from "../../../provider/localProcesses/inputs";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";

const incarnation = "1".repeat(32);
const given = { flinkVersion: "1.20.0", directory: "clusters", fingerprint: "f", incarnation };

describe("the arguments of a local cluster's processes", () => {
  const failures = async (news: object) =>
    ((await hooks.check({}, { ...given, ...news })).failures ?? []).map(({ reason }) => reason);

  it("get their defaults", async () => {
    const { inputs } = await hooks.check({}, given);
    const defaults = { taskManagers: 1, slotsPerTaskManager: 2, flinkConfiguration: {}, clusterReadyTimeout: "5 min" };
    assert.deepEqual(inputs, { ...given, ...defaults });
  });

  it("may be unknown in a preview, each of them", async () => {
    for (const name of [...Object.keys(given), "taskManagers", "slotsPerTaskManager", "flinkConfiguration", "port"]) {
      assert.deepEqual(await failures({ [name]: UNKNOWN_VALUE }), [], name);
    }
    assert.deepEqual(await failures({ flinkVersion: undefined, flinkHome: UNKNOWN_VALUE }), []);
    assert.deepEqual(await failures({ flinkConfiguration: { "rest.port": UNKNOWN_VALUE } }), []);
  });

  it("are refused by name where they are wrong", async () => {
    for (const [news, expected] of [
      [{ flinkVersion: "1.16.0" }, /^flinkVersion is wrong: Flink 1\.16\.0 is too old/],
      [{ flinkVersion: "latest" }, /^flinkVersion is wrong: "latest" is not a full Flink version/],
      [{ flinkVersion: undefined }, /^flinkVersion or flinkHome is required/],
      [{ flinkHome: "/opt/flink" }, /^flinkVersion excludes flinkHome/],
      [{ directory: "a:b" }, /^directory must not hold/],
      [{ flinkConfiguration: { "rest.port": 8081 } }, /^flinkConfiguration\["rest.port"\] is set by .* use port$/],
      [
        { flinkConfiguration: { "taskmanager.memory.process.size": "much" } },
        /^flinkConfiguration cannot be used: .*"much"/,
      ],
      [{ flinkConfiguration: { key: [] } }, /^flinkConfiguration.key must be a string, a number or a boolean/],
      [{ taskManagers: 0 }, /^taskManagers must be at least 1, but is 0$/],
      [{ slots: 2 }, /^slots is not known here/],
    ] as const) {
      const [first, ...others] = await failures(news);
      assert.match(first ?? "", expected);
      assert.deepEqual(others, []);
    }
  });
});

describe("the processes of a local cluster", () => {
  let home: string;

  beforeEach(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-processes-"));
  });

  afterEach(async () => {
    delete process.env["PULUMI_FLINK_ABANDON_JOBS"];
    await fs.rm(home, { recursive: true });
  });

  async function inputs(news: object = {}): Promise<ProcessesInputs> {
    return (await hooks.check({}, { ...given, ...news })).inputs as ProcessesInputs;
  }

  async function outputs(others: Partial<ProcessesOutputs> = {}): Promise<ProcessesOutputs> {
    return {
      ...(await inputs()),
      url: "http://127.0.0.1:1",
      runningVersion: "1.20.0",
      host: os.hostname(),
      home,
      savepointDirectory: `file://${home}/savepoints`,
      processes: [],
      ready: true,
      ...others,
    };
  }

  it("are replaced by others of another fingerprint or incarnation, new before old", async () => {
    const olds = await outputs();
    for (const change of [{ fingerprint: "g" }, { incarnation: UNKNOWN_VALUE }]) {
      const { changes, replaces, deleteBeforeReplace } = await hooks.diff("", olds, await inputs(change));
      assert.deepEqual([changes, replaces, deleteBeforeReplace], [true, Object.keys(change), false]);
    }
  });

  it("are not replaced on a port that both would need", async () => {
    const olds = await outputs({ port: 8081 });
    await assert.rejects(hooks.diff("", olds, await inputs({ port: 8081, fingerprint: "g" })), {
      message: /port 8081 is held by the cluster that this change replaces/,
    });
    const moved = await hooks.diff("", olds, await inputs({ port: 8082, fingerprint: "g" }));
    assert.deepEqual(moved.replaces, ["fingerprint"]);
  });

  it("are changed by their count, by an operation that was cut off, and by a death; by no other argument", async () => {
    const changes = async (olds: Partial<ProcessesOutputs>, news: object) =>
      (await hooks.diff("", await outputs(olds), await inputs(news))).changes;
    assert.equal(await changes({}, {}), false);
    assert.equal(await changes({}, { clusterReadyTimeout: "1 min" }), false);
    assert.equal(await changes({}, { taskManagers: 2 }), true);
    assert.equal(await changes({ ready: false }, {}), true);
    const dead = { name: "jobmanager", pid: 2 ** 22 + 1, state: "running", logFile: "" } as const;
    assert.equal(await changes({ processes: [dead] }, {}), true);
    const { props } = await hooks.read("", await outputs({ processes: [dead] }));
    assert.deepEqual(props?.processes, [{ ...dead, state: "dead" }]);
  });

  it("are left alone from another machine, until the cluster is given up", async () => {
    const olds = await outputs({ host: "another machine" });
    assert.deepEqual(await hooks.read("", olds), { id: "", props: olds });
    const message = /runs on the machine another machine, and this is .*PULUMI_FLINK_ABANDON_JOBS=1{32} pulumi up/;
    await assert.rejects(hooks.diff("", olds, await inputs()), { message });
    await assert.rejects(hooks.delete("", olds), { message });
    process.env["PULUMI_FLINK_ABANDON_JOBS"] = incarnation;
    await hooks.delete("", olds);
  });

  it("end together, and what they wrote stays", async () => {
    await fs.mkdir(path.join(home, "savepoints"));
    await hooks.delete("", await outputs());
    assert.ok((await fs.readdir(home)).includes("savepoints"));
  });
});
