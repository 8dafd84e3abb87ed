import assert from "node:assert/strict";
import * as hooks from "../../../provider/hooks/clusterRegistration";
import type { RegistrationInputs, RegistrationOutputs } from "../../../provider/registration/inputs";
import { FakeFlink } from "../../rig/fakeFlink";

const incarnation = "1".repeat(32);

describe("the registration of a cluster", () => {
  let flink: FakeFlink;

  beforeEach(async () => {
    flink = await FakeFlink.start({ taskManagers: 2, slots: 4 });
  });

  afterEach(async () => {
    await flink.close();
  });

  async function inputs(others: Partial<Record<keyof RegistrationInputs, unknown>> = {}): Promise<RegistrationInputs> {
    const endpoint = others.endpoint ?? { url: flink.url, fingerprint: "f", incarnation };
    const given = { endpoint, clusterName: "local", taskManagers: 2, slots: 4, ...others };
    const { inputs, failures } = await hooks.check({}, given);
    assert.deepEqual(failures, []);
    return inputs as RegistrationInputs;
  }

  async function registered(others: Parameters<typeof inputs>[0] = {}): Promise<RegistrationOutputs> {
    return (await hooks.create(await inputs(others))).outs as RegistrationOutputs;
  }

  it("is made once all TaskManagers and slots are there, and says which Flink it is", async () => {
    const { id, outs } = await hooks.create(await inputs());
    assert.equal(id, incarnation);
    assert.equal(outs?.runningVersion, "1.20.0");
  });

  it("waits for a REST API that does not answer yet", async () => {
    const fault = flink.fault({ method: "GET", path: /overview/ }, "reset");
    const creating = hooks.create(await inputs());
    await flink.received({ path: /overview/ });
    fault.remove();
    assert.equal((await creating).outs?.runningVersion, "1.20.0");
  });

  it("says what was missing when it takes too long", async () => {
    const late = { clusterReadyTimeout: "1 ms" };
    await assert.rejects(registered({ ...late, taskManagers: 3 }), {
      message: /still waiting for TaskManagers: 2 of 3 registered/,
    });
    await assert.rejects(registered({ ...late, slots: 5 }), {
      message: /waiting for slots: 4 of 5 registered\. No job was touched/,
    });
    const { endpoint } = await inputs();
    await flink.close();
    await assert.rejects(registered({ ...late, endpoint }), {
      message: /waiting for the JobManager's REST API to answer/,
    });
  });

  it("is replaced by that of another cluster, new before old, and updated by anything else", async () => {
    const olds = await registered();
    const diff = async (others: Parameters<typeof inputs>[0]) => hooks.diff("", olds, await inputs(others));
    const { endpoint } = olds;
    assert.deepEqual(await diff({}), { changes: false, replaces: [], deleteBeforeReplace: false });
    for (const change of [{ fingerprint: "g" }, { incarnation: "2".repeat(32) }]) {
      const replaced = { changes: true, replaces: ["endpoint"], deleteBeforeReplace: false };
      assert.deepEqual(await diff({ endpoint: { ...endpoint, ...change } }), replaced);
    }
    for (const change of [{ slots: 3 }, { taskManagers: 1 }, { endpoint: { ...endpoint, bearerToken: "new" } }]) {
      assert.deepEqual(await diff(change), { changes: true, replaces: [], deleteBeforeReplace: false });
    }
  });

  it("is as it was after a refresh, whatever the cluster does", async () => {
    const olds = await registered();
    await flink.close();
    assert.deepEqual(await hooks.read(incarnation, olds), { id: incarnation, props: olds });
  });

  it("refuses a timeout and job ids that are none", async () => {
    const given = { endpoint: {}, clusterName: "local", taskManagers: 1, slots: 1 };
    const wrong = { ...given, clusterReadyTimeout: 0, forceCancellationOf: ["x"] };
    assert.deepEqual((await hooks.check({}, wrong)).failures, [
      { property: "", reason: "clusterReadyTimeout must be longer than zero" },
      {
        property: "",
        reason: 'forceCancellationOf[0] must be the id of a job: 32 hexadecimal digits, but is "x"',
      },
    ]);
  });
});
