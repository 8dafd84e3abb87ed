import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as semver from "semver";
import { parse, stringify } from "yaml";
import { LocalConfigurationError } from "./errors";
import { memoryConfiguration, MEMORY_TOTALS, type FlatConfiguration } from "./memory";

/** What a user writes as Flink configuration. */
export type FlinkConfiguration = Readonly<Record<string, string | number | boolean>>;

/** What Flink's configuration file depends on. */
export interface ConfigurationSpec {
  readonly flinkVersion: string;
  /** The cluster's own directory, absolute. */
  readonly directory: string;
  readonly restPort: number;
  readonly rpcPort: number;
  readonly slotsPerTaskManager: number;
  /** Wins over everything but the reserved keys. */
  readonly flinkConfiguration?: FlinkConfiguration;
}

/** Flink's configuration file. */
export interface RenderedConfiguration {
  /** `config.yaml` since Flink 1.19, `flink-conf.yaml` before. */
  readonly fileName: string;
  readonly text: string;
  /** What the file says. */
  readonly effective: FlatConfiguration;
}

const CONFIGURATION_FILE = "config.yaml";
const LEGACY_CONFIGURATION_FILE = "flink-conf.yaml";

const LOOPBACK = "127.0.0.1";

/**
 * Keys that a local cluster sets itself: addresses (Flink's REST API runs any jar it is given, so nothing leaves the
 * loopback interface), ports, the folders of this cluster, and what has an argument of its own.
 */
export const reservedKeys: readonly string[] = [
  "rest.address",
  "rest.port",
  "rest.bind-address",
  "rest.bind-port",
  "web.address",
  "web.port",
  "jobmanager.web.address",
  "jobmanager.web.port",
  "jobmanager.rpc.address",
  "jobmanager.rpc.port",
  "jobmanager.rpc.bind-port",
  "jobmanager.bind-host",
  "taskmanager.host",
  "taskmanager.bind-host",
  "taskmanager.rpc.port",
  "taskmanager.rpc.bind-port",
  "taskmanager.data.port",
  "taskmanager.data.bind-port",
  "taskmanager.network.bind-policy",
  "taskmanager.resource-id",
  "taskmanager.numberOfTaskSlots",
  "blob.server.port",
  "metrics.internal.query-service.port",
  "security.ssl.rest.enabled",
  "io.tmp.dirs",
  "taskmanager.tmp.dirs",
  "web.tmpdir",
  "web.upload.dir",
  "jobmanager.web.tmpdir",
  "jobmanager.web.upload.dir",
];

/** The same setting by its names over the versions, newest first, and since when the newest is known. */
const RENAMED = [
  { since: "1.20.0", names: ["execution.checkpointing.dir", "state.checkpoints.dir"] },
  { since: "1.20.0", names: ["execution.checkpointing.savepoint-dir", "state.savepoints.dir"] },
] as const;

/** Names in the configuration that REST shows, so that a port which another Flink took is noticed. */
export const DIRECTORY_KEY = "pulumi-flink.directory";

/** The folders of one local cluster. What is durable outlives the cluster. */
export function clusterPaths(directory: string): {
  configuration: string;
  log: string;
  temporary: string;
  upload: string;
  checkpoints: string;
  savepoints: string;
} {
  const at = (name: string): string => path.join(directory, name);
  return {
    configuration: at("conf"),
    log: at("log"),
    temporary: at("tmp"),
    upload: at("upload"),
    checkpoints: at("checkpoints"),
    savepoints: at("savepoints"),
  };
}

/**
 * Renders Flink's configuration file.
 *
 * @throws LocalConfigurationError for a reserved key, a value that is not a scalar, or one that the format cannot hold.
 */
export function renderConfiguration(spec: ConfigurationSpec): RenderedConfiguration {
  const user = flatten(spec.flinkConfiguration ?? {});
  const reserved = Object.keys(user).filter((key) => reservedKeys.includes(key));
  if (reserved.length > 0) {
    throw new LocalConfigurationError(
      `flinkConfiguration of a local cluster may not set ${reserved.join(", ")}: the cluster sets this itself.`,
    );
  }
  const written = Object.fromEntries(Object.entries(user).filter(([key]) => !MEMORY_TOTALS.includes(key)));
  const effective: Record<string, string> = {
    ...defaults(spec, user),
    ...written,
    ...memoryConfiguration(user),
    ...reservedSettings(spec),
  };
  return semver.gte(spec.flinkVersion, "1.19.0")
    ? { fileName: CONFIGURATION_FILE, text: stringify(effective), effective }
    : { fileName: LEGACY_CONFIGURATION_FILE, text: renderLegacy(effective), effective };
}

/** What the configuration file of the cluster in this directory says; empty when there is none. */
export async function readConfiguration(directory: string): Promise<FlatConfiguration> {
  const read = (name: string): Promise<string> =>
    fs.readFile(path.join(clusterPaths(directory).configuration, name), "utf8");
  const text = await read(CONFIGURATION_FILE)
    .catch(() => read(LEGACY_CONFIGURATION_FILE))
    .catch(() => "");
  // The old format, as it is written here, is YAML too.
  return (parse(text) ?? {}) as FlatConfiguration;
}

function defaults(spec: ConfigurationSpec, user: FlatConfiguration): Record<string, string> {
  const paths = clusterPaths(spec.directory);
  const [checkpoints, savepoints] = RENAMED;
  const durable = [
    { setting: checkpoints, folder: paths.checkpoints },
    { setting: savepoints, folder: paths.savepoints },
  ].flatMap(({ setting, folder }) => {
    const [newest, old] = setting.names;
    // The newest name would win over an older one that the user wrote.
    const taken = setting.names.some((name) => user[name] !== undefined);
    return taken ? [] : [[semver.gte(spec.flinkVersion, setting.since) ? newest : old, `file://${folder}`] as const];
  });
  return {
    ...Object.fromEntries(durable),
    // How long REST shows an old view of a job, in ms: Flink's 3 s would be added to every wait for running tasks.
    "web.refresh-interval": "100",
    "metrics.fetcher.update-interval": "1000",
    // How long a TaskManager that was up before its JobManager waits, in ms: 10 s by default.
    "cluster.registration.error-delay": "200",
    "taskmanager.cpu.cores": String(spec.slotsPerTaskManager),
  };
}

function reservedSettings(spec: ConfigurationSpec): Record<string, string> {
  const paths = clusterPaths(spec.directory);
  return {
    "rest.address": LOOPBACK,
    "rest.bind-address": LOOPBACK,
    "rest.port": String(spec.restPort),
    "rest.bind-port": String(spec.restPort),
    "jobmanager.rpc.address": LOOPBACK,
    "jobmanager.rpc.port": String(spec.rpcPort),
    "jobmanager.bind-host": LOOPBACK,
    "taskmanager.host": LOOPBACK,
    "taskmanager.bind-host": LOOPBACK,
    "taskmanager.data.port": "0",
    "taskmanager.numberOfTaskSlots": String(spec.slotsPerTaskManager),
    "blob.server.port": "0",
    "metrics.internal.query-service.port": "0",
    "io.tmp.dirs": paths.temporary,
    "web.tmpdir": paths.temporary,
    "web.upload.dir": paths.upload,
    [DIRECTORY_KEY]: spec.directory,
  };
}

function flatten(configuration: FlinkConfiguration): Record<string, string> {
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => {
      if (!["string", "number", "boolean"].includes(typeof value)) {
        throw new LocalConfigurationError(
          `flinkConfiguration ${key}: the value must be a text, a number or a boolean.`,
        );
      }
      return [key, String(value)];
    }),
  );
}

/** The format before 1.19 is lines of `key: value` without quoting, in which `#` starts a comment anywhere. */
function renderLegacy(effective: FlatConfiguration): string {
  return Object.entries(effective)
    .map(([key, value]) => {
      if (/[#\n\r]/.test(value) || value.trim() === "") {
        throw new LocalConfigurationError(
          `flinkConfiguration ${key}: Flink before 1.19 cannot read an empty value, or one with "#" or a line break.`,
        );
      }
      return `${key}: ${value}\n`;
    })
    .join("");
}
