import * as semver from "semver";
import { stringify } from "yaml";
import { DELETES_RESULTS, DIRECTORY_KEYS } from "../../provider/values/flinkKeys";
import { MODULE_ACCESS } from "../../provider/values/moduleAccess";
import { UPLOAD_DIRECTORY } from "./localArtifacts";
import { PORTS, namesOf } from "./names";
import type { ClusterSpec } from "./spec";
import { directoriesOf, storageSettings } from "./storage";

/** Flink's configuration as text by key. */
export type FlatConfiguration = Readonly<Record<string, string>>;

/** Flink's configuration file. */
export interface ConfigurationFile {
  readonly name: "config.yaml" | "flink-conf.yaml";
  readonly text: string;
}

const NAMED = "the cluster's names are its own, so that no two clusters share their jobs";
const FIXED = "addresses and ports are the same in all pods";
const DERIVED = "it follows from the argument storage";

/** Keys that the cluster decides itself, and what to write instead, or why there is nothing to write. */
const OWNED: Readonly<Record<string, string>> = {
  "kubernetes.cluster-id": NAMED,
  "kubernetes.namespace": "use namespace",
  "high-availability": "use highAvailability",
  "high-availability.type": "use highAvailability",
  "high-availability.mode": "use highAvailability",
  "high-availability.cluster-id": NAMED,
  "high-availability.storageDir": DERIVED,
  "high-availability.jobmanager.port": FIXED,
  "jobmanager.rpc.address": FIXED,
  "jobmanager.rpc.port": FIXED,
  "jobmanager.rpc.bind-port": FIXED,
  "jobmanager.bind-host": FIXED,
  "taskmanager.host": FIXED,
  "taskmanager.bind-host": FIXED,
  "taskmanager.rpc.port": FIXED,
  "taskmanager.rpc.bind-port": FIXED,
  "taskmanager.data.port": FIXED,
  "taskmanager.data.bind-port": FIXED,
  "blob.server.port": FIXED,
  "rest.address": FIXED,
  "rest.port": FIXED,
  "rest.bind-address": FIXED,
  "rest.bind-port": FIXED,
  "taskmanager.numberOfTaskSlots": "use slotsPerTaskManager",
  "jobmanager.memory.process.size": "use resources.jobManager.memory",
  "taskmanager.memory.process.size": "use resources.taskManager.memory",
  "s3.endpoint": "use storage.endpoint",
  "s3.path.style.access": "use storage.pathStyleAccess",
};

/** Why a key cannot be set, and what to do instead; undefined: it can. */
export function explainOwned(key: string, hasStorage: boolean): string | undefined {
  if (key.startsWith("s3.") && !hasStorage) return undefined;
  return Object.hasOwn(OWNED, key) ? OWNED[key] : undefined;
}

/** Flink's own file has them since 1.18; but the image's is not read. */
const JAVA_OPTIONS = MODULE_ACCESS.join(" ");

const JAVA_OPTIONS_KEY = "env.java.opts.all";

/** The same setting by its names over the versions, newest first, and since when the newest is known. */
const RENAMED = {
  checkpoints: { since: "1.20.0", names: DIRECTORY_KEYS.checkpoints },
  savepoints: { since: "1.20.0", names: DIRECTORY_KEYS.savepoints },
} as const;

/** What Flink is told. The user's settings win over the defaults, the cluster's own over both. */
export function settingsOf(spec: ClusterSpec, clusterId: string, user: FlatConfiguration): FlatConfiguration {
  return { ...defaults(spec, user), ...user, ...javaOptions(spec, user), ...owned(spec, clusterId) };
}

/** The file of those settings, by the name and in the format of this Flink version. */
export function configurationFile(flinkVersion: string, settings: FlatConfiguration): ConfigurationFile {
  if (hasYaml(flinkVersion)) return { name: "config.yaml", text: stringify(settings, { lineWidth: 0 }) };
  const lines = Object.entries(settings).map(([key, value]) => `${key}: ${value}\n`);
  return { name: "flink-conf.yaml", text: lines.join("") };
}

/** Whether a switch is on, as Flink reads it. */
export function isOn(value: string | undefined): boolean {
  return value?.trim().toLowerCase() === "true";
}

/** What a file of this version cannot hold, as the end of a sentence about a value. */
export function explainValue(flinkVersion: string, value: string): string | undefined {
  if (hasYaml(flinkVersion) || !(/[#\n\r]/.test(value) || value.trim() === "")) return undefined;
  return 'must not be empty or hold "#" or a line break, which Flink before 1.19 cannot read';
}

/** Before 1.19 the file is lines of `key: value` without quoting, in which `#` starts a comment anywhere. */
function hasYaml(flinkVersion: string): boolean {
  return semver.gte(flinkVersion, "1.19.0");
}

function defaults(spec: ClusterSpec, user: FlatConfiguration): FlatConfiguration {
  const directories = spec.storage === undefined ? undefined : directoriesOf(spec.storage);
  const durable = (["checkpoints", "savepoints"] as const).flatMap((what) => {
    const { since, names } = RENAMED[what];
    // The newest name would win over an older one that the user wrote.
    if (directories === undefined || names.some((name) => user[name] !== undefined)) return [];
    return [[semver.gte(spec.flinkVersion, since) ? names[0] : names[1], directories[what]] as const];
  });
  return {
    ...Object.fromEntries(durable),
    // What tells after a JobManager's end whether a submission that was not answered had arrived: its job may have ended.
    ...(successorStorage(spec) === undefined ? {} : { [DELETES_RESULTS]: "false" }),
    // How long REST shows an old view of a job, in ms: Flink's 3 s would be added to every wait for running tasks.
    "web.refresh-interval": "500",
    // How long a TaskManager that was up before its JobManager waits, in ms: 10 s by default.
    "cluster.registration.error-delay": "1000",
  };
}

function javaOptions({ flinkVersion }: ClusterSpec, user: FlatConfiguration): FlatConfiguration {
  const given = user[JAVA_OPTIONS_KEY];
  if (semver.lt(flinkVersion, "1.18.0")) return {};
  return { [JAVA_OPTIONS_KEY]: given === undefined ? JAVA_OPTIONS : `${JAVA_OPTIONS} ${given}` };
}

/** Where what the next JobManager must know is kept; undefined: the cluster is not highly available. */
function successorStorage({ highAvailability, storage }: ClusterSpec): string | undefined {
  return highAvailability && storage !== undefined ? directoriesOf(storage).highAvailability : undefined;
}

function owned(spec: ClusterSpec, clusterId: string): FlatConfiguration {
  const kept = successorStorage(spec);
  return {
    "jobmanager.rpc.address": namesOf(clusterId).jobManager,
    "jobmanager.rpc.port": String(PORTS.jobManagerRpc),
    "jobmanager.bind-host": "0.0.0.0",
    "taskmanager.bind-host": "0.0.0.0",
    "taskmanager.rpc.port": String(PORTS.taskManagerRpc),
    "taskmanager.data.port": String(PORTS.taskManagerData),
    "blob.server.port": String(PORTS.blob),
    "rest.address": namesOf(clusterId).rest,
    "rest.port": String(PORTS.rest),
    "rest.bind-address": "0.0.0.0",
    "rest.bind-port": String(PORTS.rest),
    "taskmanager.numberOfTaskSlots": String(spec.slotsPerTaskManager),
    "jobmanager.memory.process.size": `${spec.jobManager.memory}b`,
    "taskmanager.memory.process.size": `${spec.taskManager.memory}b`,
    ...(spec.localArtifacts.length === 0 ? {} : { "web.upload.dir": UPLOAD_DIRECTORY }),
    ...(spec.storage === undefined ? {} : storageSettings(spec.storage)),
    ...(kept === undefined
      ? {}
      : {
          "kubernetes.cluster-id": clusterId,
          "high-availability.type": "kubernetes",
          "high-availability.cluster-id": clusterId,
          "high-availability.storageDir": kept,
          "high-availability.jobmanager.port": String(PORTS.jobManagerRpc),
        }),
  };
}
