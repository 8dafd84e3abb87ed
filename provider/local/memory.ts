import { LocalConfigurationError } from "./errors";

/** Flink's configuration as it is written: text by key. */
export type FlatConfiguration = Readonly<Record<string, string>>;

const UNITS: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const MIB = 2 ** 20;

type Role = "jobmanager" | "taskmanager";

/** The default of each memory component, in MiB; which one takes what a total leaves; which are not in Flink's own total. */
const BUDGETS = {
  // 672 MiB in all
  taskmanager: {
    components: {
      "taskmanager.memory.framework.heap.size": 64,
      "taskmanager.memory.task.heap.size": 192,
      "taskmanager.memory.framework.off-heap.size": 64,
      "taskmanager.memory.task.off-heap.size": 0,
      "taskmanager.memory.network.max": 64,
      "taskmanager.memory.managed.size": 64,
      "taskmanager.memory.jvm-metaspace.size": 160,
      "taskmanager.memory.jvm-overhead.max": 64,
    },
    rest: "taskmanager.memory.task.heap.size",
    outsideFlink: ["taskmanager.memory.jvm-metaspace.size", "taskmanager.memory.jvm-overhead.max"],
  },
  jobmanager: {
    components: {
      "jobmanager.memory.heap.size": 384,
      "jobmanager.memory.off-heap.size": 64,
      "jobmanager.memory.jvm-metaspace.size": 256,
      "jobmanager.memory.jvm-overhead.max": 64,
    },
    rest: "jobmanager.memory.heap.size",
    outsideFlink: ["jobmanager.memory.jvm-metaspace.size", "jobmanager.memory.jvm-overhead.max"],
  },
} as const satisfies Record<
  Role,
  { components: Record<string, number>; rest: string; outsideFlink: readonly string[] }
>;

/** Components that Flink knows as a range: both ends are written, since choosing within it is the work of Flink's scripts. */
const RANGES = ["taskmanager.memory.network", "taskmanager.memory.jvm-overhead", "jobmanager.memory.jvm-overhead"];
const SMALLEST_HEAP = 32 * MIB;

/**
 * The bytes of a memory size in Flink's format: `512m`, `1 gb`, `64 mebibytes`, a bare number is bytes.
 *
 * @throws LocalConfigurationError naming the key.
 */
export function parseFlinkMemory(key: string, text: string): number {
  const match = /^\s*(\d+)\s*(?:([bkmgt])(?:b|ytes|ibibytes|ebibytes|ibytes)?)?\s*$/i.exec(text);
  const unit = UNITS[(match?.[2] ?? "b").toLowerCase()];
  if (match === null || unit === undefined) {
    throw new LocalConfigurationError(`${key}: "${text}" is no memory size: write it as "512m" or "1g".`);
  }
  return Number(match[1]) * unit;
}

/**
 * Every memory component, since Flink's own scripts, which would derive them, are not part of this:
 * the user's where set, small defaults elsewhere. A total for the process or for Flink is met by the heap.
 */
export function memoryConfiguration(user: FlatConfiguration): Record<string, string> {
  const sizes = { ...componentSizes("jobmanager", user), ...componentSizes("taskmanager", user) };
  for (const range of RANGES) {
    sizes[`${range}.min`] = sizes[`${range}.max`] ?? 0;
  }
  return Object.fromEntries(Object.entries(sizes).map(([key, size]) => [key, `${size}b`]));
}

function componentSizes(role: Role, user: FlatConfiguration): Record<string, number> {
  const { components, rest, outsideFlink } = BUDGETS[role];
  const sizes = Object.fromEntries(
    Object.entries(components).map(([key, mib]) => {
      const set = user[key] ?? user[key.replace(/\.max$/, ".min")];
      return [key, set === undefined ? mib * MIB : parseFlinkMemory(key, set)];
    }),
  );
  for (const total of [`${role}.memory.process.size`, `${role}.memory.flink.size`]) {
    const set = user[total];
    if (set !== undefined && user[rest] === undefined) {
      const counted = Object.entries(sizes).filter(
        ([key]) => key !== rest && !(total.endsWith("flink.size") && (outsideFlink as readonly string[]).includes(key)),
      );
      const others = counted.reduce((sum, [, size]) => sum + size, 0);
      const heap = parseFlinkMemory(total, set) - others;
      if (heap < SMALLEST_HEAP) {
        throw new LocalConfigurationError(
          `${total}: ${set} is too small: it must be at least ${Math.ceil((others + SMALLEST_HEAP) / MIB)}m, ` +
            `of which ${rest} gets what the other components leave.`,
        );
      }
      sizes[rest] = heap;
    }
  }
  return sizes;
}

/** Totals: they become components, and are themselves never written. */
export const MEMORY_TOTALS: readonly string[] = (["jobmanager", "taskmanager"] as const).flatMap((role) => [
  `${role}.memory.process.size`,
  `${role}.memory.flink.size`,
]);

/** The JVM's limits for a configuration that has every component. */
export function memoryFlags(role: Role, configuration: FlatConfiguration): string[] {
  const sum = (...keys: string[]): number =>
    keys.reduce((total, key) => total + parseFlinkMemory(key, configuration[key] ?? "0"), 0);
  switch (role) {
    case "jobmanager":
      return [
        `-Xmx${sum("jobmanager.memory.heap.size")}`,
        `-XX:MaxMetaspaceSize=${sum("jobmanager.memory.jvm-metaspace.size")}`,
      ];
    case "taskmanager": {
      const direct = sum(
        "taskmanager.memory.framework.off-heap.size",
        "taskmanager.memory.task.off-heap.size",
        "taskmanager.memory.network.max",
      );
      return [
        `-Xmx${sum("taskmanager.memory.framework.heap.size", "taskmanager.memory.task.heap.size")}`,
        `-XX:MaxDirectMemorySize=${direct}`,
        `-XX:MaxMetaspaceSize=${sum("taskmanager.memory.jvm-metaspace.size")}`,
      ];
    }
  }
}
