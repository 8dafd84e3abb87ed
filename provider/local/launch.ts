import { spawn } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { MODULE_ACCESS } from "../values/moduleAccess";
import { shellWords } from "../values/shellWords";
import { clusterPaths } from "./configuration";
import { logFile, outputFile, readDeath } from "./death";
import { withoutPulumi } from "./environment";
import { LocalStartError } from "./errors";
import { memoryFlags, type FlatConfiguration } from "./memory";
import { freePorts } from "./ports";
import { processTable } from "./processTable";
import { clusterMarker, type LaunchSettings, type ProcessName, type ProcessRecord } from "./record";

const MAIN_CLASSES = {
  jobmanager: "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
  taskmanager: "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
} as const;

type Role = keyof typeof MAIN_CLASSES;

/** The JVM's own arguments for one role: memory, collector and what the user's `env.java.opts.*` say. */
export function jvmArguments(role: Role, configuration: FlatConfiguration): string[] {
  const user = ["env.java.opts.all", "env.java.opts", `env.java.opts.${role}`].flatMap((key) =>
    shellWords(configuration[key] ?? ""),
  );
  // Small heaps on a shared machine; two collectors at once are an error of the JVM.
  const collector = user.some((argument) => /^-XX:\+Use\w+GC$/.test(argument)) ? [] : ["-XX:+UseSerialGC"];
  // A JobManager computes nothing for long: without the second compiler it is up a third sooner.
  const compiler = role === "jobmanager" ? ["-XX:TieredStopAtLevel=1"] : [];
  return [
    "-XX:-UsePerfData",
    ...compiler,
    ...collector,
    ...memoryFlags(role, configuration),
    ...MODULE_ACCESS,
    ...user,
  ];
}

/** Everything after `java`. Nothing of it is secret: Flink reads its configuration from the file. */
export function commandLine(
  directory: string,
  launch: LaunchSettings,
  name: ProcessName,
  rpcPorts: readonly number[],
): string[] {
  const paths = clusterPaths(directory);
  const role = name === "jobmanager" ? "jobmanager" : "taskmanager";
  return [
    ...(role === "jobmanager" ? launch.jobManagerArguments : launch.taskManagerArguments),
    clusterMarker(directory),
    `-Dpulumi-flink.process=${name}`,
    `-Dlog.file=${logFile(directory, name)}`,
    `-Dlog4j.configurationFile=${path.join(paths.configuration, "log4j.properties")}`,
    `-Djava.io.tmpdir=${paths.temporary}`,
    "-classpath",
    path.join(launch.libraryDirectory, "*"),
    MAIN_CLASSES[role],
    "--configDir",
    paths.configuration,
    // With a lasting id, a TaskManager that comes back takes the place of the one that died at once, rather than
    // beside it until the heartbeat's timeout.
    ...(role === "taskmanager"
      ? [`-Dtaskmanager.resource-id=${name}`, `-Dtaskmanager.rpc.port=${rpcPorts.join(",")}`]
      : []),
  ];
}

/** Starts a JVM that outlives this process. */
export async function launchProcess(
  directory: string,
  launch: LaunchSettings,
  name: ProcessName,
): Promise<ProcessRecord> {
  // Several, of which Flink takes the first that is still free when it gets there.
  const rpcPorts = name === "jobmanager" ? undefined : await freePorts(3);
  // What the log says is of this start alone; the one before is kept, for whoever asks why it was started again.
  await fs.rename(logFile(directory, name), `${logFile(directory, name)}.previous`).catch(() => undefined);
  const output = await fs.open(outputFile(directory, name), "w", 0o600);
  try {
    const child = spawn(launch.java, commandLine(directory, launch, name, rpcPorts ?? []), {
      cwd: directory,
      env: flinkEnvironment(directory, launch),
      detached: true,
      stdio: ["ignore", output.fd, output.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => {
        reject(new LocalStartError(`${name} could not be started: ${cause.message}.`, { cause }));
      });
    });
    child.unref();
    const pid = child.pid ?? 0;
    const startTime = await processTable.startTimeOf(pid);
    if (startTime === undefined) {
      throw (await readDeath(directory, name)).error;
    }
    return { name, pid, startTime, ...(rpcPorts === undefined ? {} : { rpcPorts }) };
  } finally {
    await output.close();
  }
}

function flinkEnvironment(directory: string, launch: LaunchSettings): NodeJS.ProcessEnv {
  return {
    ...withoutPulumi(),
    FLINK_CONF_DIR: clusterPaths(directory).configuration,
    FLINK_LIB_DIR: launch.libraryDirectory,
    FLINK_PLUGINS_DIR: launch.pluginsDirectory,
  };
}
