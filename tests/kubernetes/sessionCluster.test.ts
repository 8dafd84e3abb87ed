import assert from "node:assert/strict";
import { SessionCluster } from "../../index";
import { SUPPORTED_VERSIONS } from "../rig/flink";
import { PodsStack, SMALL } from "./podsStack";
import { startSeconds } from "./podTimes";

describe("a SessionCluster under the real engine", function () {
  this.timeout(900_000);

  let pods: PodsStack;

  beforeEach(async () => {
    pods = await PodsStack.open("session");
  });

  afterEach(() => pods.dispose());

  for (const version of SUPPORTED_VERSIONS) {
    it(`of Flink ${version} comes up with high availability, is registered, and is destroyed leaving nothing`, async () => {
      const program = pods.program(({ args, opts }) => {
        const own = { flinkVersion: version, resources: SMALL, slotsPerTaskManager: 2 };
        const cluster = new SessionCluster("orders", { ...args, ...own }, opts);
        return { version: cluster.flinkVersion, slots: cluster.slots };
      });
      const began = Date.now();
      const created = await pods.up(program);
      const took = ((Date.now() - began) / 1000).toFixed(1);
      const start = startSeconds(await pods.pods());
      console.log(`      \`up\` has the cluster ready in ${took} s; a pod takes ${start} s until it is ready`);
      assert.deepEqual(await pods.outputs(), { version, slots: 2 });
      const maps = await pods.client.list({ apiVersion: "v1", kind: "ConfigMap", namespace: pods.namespace });
      const leaders = maps.filter(({ metadata }) => metadata.labels?.["type"] !== undefined);
      assert.notEqual(leaders.length, 0, "no leader was elected by a ConfigMap");
      const again = await pods.up(program);
      assert.deepEqual(again.changes, { same: created.changes.create });

      await pods.destroy(program);
      assert.equal(await pods.client.get(pods.space), undefined);
    });
  }
});
