import assert from "node:assert/strict";
import fc from "fast-check";
import { memoryConfiguration, memoryFlags, parseFlinkMemory } from "../../../provider/local/memory";

const MIB = 2 ** 20;
const TASK_HEAP = "taskmanager.memory.task.heap.size";

function total(configuration: Record<string, string>, role: string): number {
  return Object.entries(configuration)
    .filter(([key]) => key.startsWith(role) && !key.endsWith(".min"))
    .reduce((sum, [key, value]) => sum + parseFlinkMemory(key, value), 0);
}

describe("the memory of a local cluster", () => {
  it("reads sizes as Flink does", () => {
    const sizes = ["7", "7b", "2k", "2 kb", "512m", "512 MB", "512mebibytes", "1g", "1 gibibytes", "1t"];
    assert.deepEqual(
      sizes.map((size) => parseFlinkMemory("key", size)),
      [7, 7, 2048, 2048, 512 * MIB, 512 * MIB, 512 * MIB, 1024 * MIB, 1024 * MIB, 1024 * 1024 * MIB],
    );
  });

  it("refuses what is no size, naming the key", () => {
    for (const size of ["", "much", "-1m", "1.5g", "1x"]) {
      assert.throws(() => parseFlinkMemory("some.key", size), { message: /some\.key/ });
    }
  });

  it("is small by default", () => {
    assert.equal(total(memoryConfiguration({}), "taskmanager"), 672 * MIB);
    assert.ok(total(memoryConfiguration({}), "jobmanager") <= 768 * MIB);
    assert.deepEqual(memoryFlags("taskmanager", memoryConfiguration({})), [
      `-Xmx${256 * MIB}`,
      `-XX:MaxDirectMemorySize=${128 * MIB}`,
      `-XX:MaxMetaspaceSize=${160 * MIB}`,
    ]);
    assert.deepEqual(memoryFlags("jobmanager", memoryConfiguration({})), [
      `-Xmx${384 * MIB}`,
      `-XX:MaxMetaspaceSize=${256 * MIB}`,
    ]);
  });

  it("takes the user's component", () => {
    const configuration = memoryConfiguration({ [TASK_HEAP]: "1g" });
    assert.equal(configuration[TASK_HEAP], `${1024 * MIB}b`);
  });

  it("takes either end of a range for the whole", () => {
    const configuration = memoryConfiguration({ "taskmanager.memory.network.min": "100m" });
    assert.equal(configuration["taskmanager.memory.network.min"], `${100 * MIB}b`);
    assert.equal(configuration["taskmanager.memory.network.max"], `${100 * MIB}b`);
  });

  it("meets a process's total exactly, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("taskmanager", "jobmanager"),
        fc.integer({ min: 700, max: 8000 }),
        fc.integer({ min: 16, max: 200 }),
        (role, size, metaspace) => {
          const configuration = memoryConfiguration({
            [`${role}.memory.process.size`]: `${size}m`,
            [`${role}.memory.jvm-metaspace.size`]: `${metaspace}m`,
          });
          assert.equal(total(configuration, role), size * MIB);
        },
      ),
    );
  });

  it("gives Flink's own total to what Flink uses", () => {
    const configuration = memoryConfiguration({ "taskmanager.memory.flink.size": "1g" });
    assert.equal(total(configuration, "taskmanager"), (1024 + 160 + 64) * MIB);
  });

  it("refuses a total that leaves no heap, naming what would do", () => {
    assert.throws(() => memoryConfiguration({ "taskmanager.memory.process.size": "300m" }), {
      code: "FLINK_LOCAL_CONFIGURATION",
      message: /at least 512m/,
    });
  });
});
