/** The bodies about the cluster as a whole. */
import type { Cluster } from "./cluster";
import { isTerminal, type JobStatus } from "./types";

export function overview(cluster: Cluster): object {
  const jobs = [...cluster.jobs.values()];
  const count = (status: JobStatus): number => jobs.filter((job) => job.status === status).length;
  return {
    taskmanagers: cluster.settings.taskManagers,
    "slots-total": cluster.settings.slots,
    "slots-available": cluster.settings.slots - cluster.usedSlots,
    "jobs-running": jobs.filter((job) => !isTerminal(job.status)).length,
    "jobs-finished": count("FINISHED"),
    "jobs-cancelled": count("CANCELED"),
    "jobs-failed": count("FAILED"),
    "flink-version": cluster.settings.version,
    "flink-commit": "fa4e000",
  };
}

export function config(cluster: Cluster): object {
  return {
    "refresh-interval": Number(cluster.settings.configuration["web.refresh-interval"] ?? 3000),
    "timezone-name": "Coordinated Universal Time",
    "timezone-offset": 0,
    "flink-version": cluster.settings.version,
    "flink-revision": "fa4e000 @ 2026-01-01T00:00:00+00:00",
    features: { "web-submit": webSubmit(cluster), "web-cancel": true, "web-rescale": false, "web-history": false },
  };
}

export function webSubmit(cluster: Cluster): boolean {
  return cluster.settings.configuration["web.submit.enable"] !== "false";
}

export function jobManagerConfig(cluster: Cluster): object {
  const { configuration } = cluster.settings;
  return Object.entries({ ...configuration, "web.tmpdir": cluster.folder }).map(([key, value]) => ({ key, value }));
}

export function taskManagers(cluster: Cluster): object {
  const { slots, taskManagers: number, taskManagerHosts: hosts, version } = cluster.settings;
  const resource = { cpuCores: 1, taskHeapMemory: 256, taskOffHeapMemory: 0, managedMemory: 32, networkMemory: 64 };
  let used = cluster.usedSlots;
  const list = Array.from({ length: number }, (_, index) => {
    const slotsNumber = Math.floor(slots / number) + (index < slots % number ? 1 : 0);
    const taken = Math.min(used, slotsNumber);
    used -= taken;
    const address = `${hosts[index % hosts.length] ?? ""}:${String(40001 + index)}`;
    return {
      id: `${address}-fa4e00`,
      path: `pekko.tcp://flink@${address}/user/rpc/taskmanager_0`,
      dataPort: 50001 + index,
      jmxPort: -1,
      timeSinceLastHeartbeat: Date.now(),
      slotsNumber,
      freeSlots: slotsNumber - taken,
      ...(version === "2.3.0" && { assignedTasks: taken }),
      totalResource: { ...resource, extendedResources: {} },
      freeResource: { ...resource, extendedResources: {} },
      hardware: { cpuCores: 2, physicalMemory: 2 ** 33, freeMemory: 2 ** 29, managedMemory: 2 ** 25 },
      memoryConfiguration: {
        frameworkHeap: 2 ** 27,
        taskHeap: 2 ** 28,
        frameworkOffHeap: 2 ** 27,
        taskOffHeap: 0,
        networkMemory: 2 ** 26,
        managedMemory: 2 ** 25,
        jvmMetaspace: 2 ** 28,
        jvmOverhead: 2 ** 27,
        totalFlinkMemory: 2 ** 29,
        totalProcessMemory: 2 ** 30,
      },
    };
  });
  return { taskmanagers: list };
}

export function jars(cluster: Cluster, address: string): object {
  const files = [...cluster.jars.values()].reverse().map((jar) => ({
    id: jar.id,
    name: jar.name,
    uploaded: jar.uploaded,
    entry: jar.mainClass === undefined ? [] : [{ name: jar.mainClass, description: null }],
  }));
  return { address, files };
}
