import assert from "node:assert/strict";
import { strategicMerge } from "../../../../components/kubernetes/strategicMerge";

const BASE = {
  metadata: { labels: { a: "1" } },
  spec: {
    containers: [
      {
        name: "main",
        image: "flink",
        args: ["jobmanager"],
        env: [
          { name: "A", value: "1" },
          { name: "B", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        ],
        ports: [{ name: "rest", containerPort: 8081 }],
        volumeMounts: [{ name: "conf", mountPath: "/conf" }],
      },
    ],
    tolerations: [{ key: "old" }],
    volumes: [{ name: "conf", configMap: { name: "c" } }],
  },
};

/** The pod's spec after a patch of it. */
function spec(patch: object): Record<string, unknown> {
  return strategicMerge(BASE, { spec: patch })["spec"] as Record<string, unknown>;
}

function main(patch: object): Record<string, unknown> {
  const { containers } = spec({ containers: [{ name: "main", ...patch }] }) as {
    containers: Record<string, unknown>[];
  };
  assert.equal(containers.length, 1);
  return containers[0] ?? {};
}

describe("a strategic merge of pod templates", () => {
  it("merges objects key by key, and takes away what is null", () => {
    assert.deepEqual(strategicMerge(BASE, { metadata: { labels: { b: "2" } } })["metadata"], {
      labels: { a: "1", b: "2" },
    });
    assert.deepEqual(strategicMerge(BASE, { metadata: { labels: { a: null } } })["metadata"], { labels: {} });
    assert.deepEqual(strategicMerge(BASE, { metadata: { labels: { $patch: "replace", b: "2" } } })["metadata"], {
      labels: { b: "2" },
    });
  });

  it("merges containers by name, and adds others behind them", () => {
    assert.equal(main({ image: "mine" })["image"], "mine");
    assert.deepEqual(main({ image: "mine" })["args"], ["jobmanager"]);
    const { containers } = spec({ containers: [{ name: "sidecar" }] }) as { containers: { name: string }[] };
    assert.deepEqual(
      containers.map(({ name }) => name),
      ["main", "sidecar"],
    );
  });

  it("merges environment variables by name, ports by number and mounts by path", () => {
    assert.deepEqual(
      main({
        env: [
          { name: "A", value: "2" },
          { name: "C", value: "3" },
        ],
      })["env"],
      [{ name: "A", value: "2" }, BASE.spec.containers[0]?.env[1], { name: "C", value: "3" }],
    );
    assert.deepEqual(main({ ports: [{ containerPort: 8081, name: "web" }, { containerPort: 9249 }] })["ports"], [
      { containerPort: 8081, name: "web" },
      { containerPort: 9249 },
    ]);
    assert.deepEqual(main({ volumeMounts: [{ mountPath: "/conf", readOnly: true }] })["volumeMounts"], [
      { name: "conf", mountPath: "/conf", readOnly: true },
    ]);
  });

  it("replaces lists that have no key", () => {
    assert.deepEqual(spec({ tolerations: [{ key: "new" }] })["tolerations"], [{ key: "new" }]);
    assert.deepEqual(main({ args: ["help"] })["args"], ["help"]);
  });

  it("deletes or replaces an element, or a whole list, that is marked so", () => {
    assert.deepEqual(main({ env: [{ name: "A", $patch: "delete" }] })["env"], [BASE.spec.containers[0]?.env[1]]);
    assert.deepEqual(main({ env: [{ name: "B", $patch: "replace", value: "2" }] })["env"], [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
    ]);
    assert.deepEqual(main({ env: [{ $patch: "replace" }, { name: "C", value: "3" }] })["env"], [
      { name: "C", value: "3" },
    ]);
  });

  it("lets a volume be of another kind", () => {
    assert.deepEqual(spec({ volumes: [{ name: "conf", emptyDir: {} }] })["volumes"], [{ name: "conf", emptyDir: {} }]);
    assert.deepEqual(spec({ volumes: [{ name: "conf", configMap: { optional: true } }] })["volumes"], [
      { name: "conf", configMap: { name: "c", optional: true } },
    ]);
  });

  it("changes neither of the two, and without a patch nothing", () => {
    const before = structuredClone(BASE);
    main({ env: [{ name: "A", $patch: "delete" }], image: null });
    assert.deepEqual(BASE, before);
    assert.deepEqual(strategicMerge(BASE, {}), BASE);
  });
});
