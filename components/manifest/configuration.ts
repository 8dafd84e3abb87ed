import { isClusterScoped } from "../../provider/values/configurationScope";
import { isS3, schemeOf } from "../kubernetes/storage";
import type { Findings } from "./findings";
import type { Origins } from "./origins";
import type { DocumentApplicationArgs } from "./parsed";
import { configurationPath } from "./paths";
import { explainPlaceholder } from "./placeholders";

/* Flink's configuration: what has an argument of its own becomes that, and old words become new ones. */

type Configuration = Readonly<Record<string, string>>;

const HIGH_AVAILABILITY = ["high-availability", "high-availability.type"];
const STORAGE_DIR = "high-availability.storageDir";
const SLOTS = "taskmanager.numberOfTaskSlots";
const ENDPOINT = "s3.endpoint";
const PATH_STYLE = "s3.path.style.access";

/** What a document's configuration comes to for an application. */
type ConfigurationArgs = Pick<
  DocumentApplicationArgs,
  "flinkConfiguration" | "highAvailability" | "storage" | "slotsPerTaskManager"
>;

/** Issues for values that only the platform understands, and today's words for those of its time. */
export function translateValues(configuration: Configuration = {}, findings: Findings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => {
      const wrong = explainPlaceholder(value);
      if (wrong !== undefined) findings.issue(configurationPath(key), wrong);
      return [key, renamed(key, value, findings)];
    }),
  );
}

const STATE_BACKENDS = ["state.backend", "state.backend.type"];

function renamed(key: string, value: string, findings: Findings): string {
  if (!STATE_BACKENDS.includes(key) || !["filesystem", "jobmanager"].includes(value.toLowerCase())) return value;
  findings.warn(configurationPath(key), `is ${value}, which has become hashmap`);
  return "hashmap";
}

/** The configuration of a job on a cluster that is not its own: what that cluster's processes read is left out. */
export function sessionConfiguration(configuration: Configuration, findings: Findings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(configuration).filter(([key]) => {
      if (!isClusterScoped(key)) return true;
      findings.warn(configurationPath(key), "is read by a cluster's processes, not by a job; it is left out");
      return false;
    }),
  );
}

/** The configuration of an application, and the arguments that take the place of some keys. */
export function applicationConfiguration(
  configuration: Configuration,
  findings: Findings,
  origins: Origins,
): ConfigurationArgs {
  const rest = { ...configuration };
  const take = (key: string): string | undefined => {
    const value = rest[key];
    delete rest[key];
    return value;
  };
  const highAvailability = HIGH_AVAILABILITY.map((key) => highAvailabilityOf(key, take(key), findings)).find(
    (isOn) => isOn !== undefined,
  );
  const storage = storageOf(take, findings, origins);
  return {
    flinkConfiguration: rest,
    highAvailability,
    storage,
    slotsPerTaskManager: slotsOf(take(SLOTS), findings, origins),
  };
}

function storageOf(
  take: (key: string) => string | undefined,
  findings: Findings,
  origins: Origins,
): ConfigurationArgs["storage"] {
  const path = configurationPath(STORAGE_DIR);
  const uri = take(STORAGE_DIR);
  if (uri === undefined) return undefined;
  if (schemeOf(uri) === "file") {
    findings.issue(
      path,
      "is on a volume, which no document can name; put storage into flink:deploymentDefaults instead",
    );
    return undefined;
  }
  origins.say("storage.uri", path);
  findings.warn(path, "becomes storage.uri: what Flink keeps goes to folders under it");
  return { uri, ...(isS3(uri) ? s3Of(take, findings, origins) : {}) };
}

function s3Of(
  take: (key: string) => string | undefined,
  findings: Findings,
  origins: Origins,
): Omit<NonNullable<ConfigurationArgs["storage"]>, "uri"> {
  const endpoint = take(ENDPOINT);
  const pathStyle = take(PATH_STYLE);
  if (endpoint !== undefined) {
    origins.say("storage.endpoint", configurationPath(ENDPOINT));
    findings.warn(configurationPath(ENDPOINT), "becomes storage.endpoint");
  }
  if (pathStyle !== undefined) findings.warn(configurationPath(PATH_STYLE), "becomes storage.pathStyleAccess");
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(pathStyle === undefined ? {} : { pathStyleAccess: pathStyle.toLowerCase() === "true" }),
  };
}

function highAvailabilityOf(key: string, value: string | undefined, findings: Findings): boolean | undefined {
  const path = configurationPath(key);
  switch (value?.toLowerCase()) {
    case undefined:
      return undefined;
    case "none":
      return false;
    case "kubernetes":
    case "org.apache.flink.kubernetes.highavailability.kuberneteshaservicesfactory":
      return true;
    case "vvp-kubernetes":
      findings.warn(
        path,
        "is vvp-kubernetes, the platform's own, and becomes kubernetes: highAvailability, with storage",
      );
      return true;
    default:
      findings.issue(path, `must be kubernetes or NONE, but is ${JSON.stringify(value)}`);
      return undefined;
  }
}

function slotsOf(value: string | undefined, findings: Findings, origins: Origins): number | undefined {
  if (value === undefined) return undefined;
  origins.say("slotsPerTaskManager", configurationPath(SLOTS));
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  findings.issue(configurationPath(SLOTS), `must be a whole number, at least 1, but is ${JSON.stringify(value)}`);
  return undefined;
}
