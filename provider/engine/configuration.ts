import type { dynamic } from "@pulumi/pulumi";
import { abandonVariable } from "../values/abandonment";
import { InvalidStackConfigurationError } from "../values/invalidStackConfigurationError";
import { holdEngine } from "./fence";
import { endWhenUnread } from "./orphan";

/**
 * What the stack's configuration says to the provider.
 *
 * Where no program runs (`destroy` and `refresh` without `--run-program`, or the last resource is taken out of the
 * program) the engine gives the configuration of the last `up`, not that of now.
 */
export interface StackSettings {
  /**
   * `flink:abandonJobs`: Flink ids of jobs that may be left behind as they are. Default: none. Those of the environment
   * variable `PULUMI_FLINK_ABANDON_JOBS` are added: it is always that of now.
   */
  abandonJobs: string[];
  /** `flink:observeInPreview`: whether a preview asks the clusters what it would find. Default: true. */
  observeInPreview: boolean;
}

/** Keeps what a provider's `configure` was told for its other hooks. */
export interface Configuration {
  /** The provider's `configure` hook. Never rejects: the first hook would get the error, and the later ones none. */
  configure(request: dynamic.ConfigureRequest): Promise<void>;
  /**
   * The settings; defaults where `configure` was not called (unit tests).
   *
   * Every hook awaits this: the host calls hooks of a provider whose `configure` has not returned.
   *
   * @throws InvalidStackConfigurationError
   */
  settings(): Promise<StackSettings>;
}

export function createConfiguration(): Configuration {
  let read: (key: string) => string | undefined = () => undefined;
  return {
    configure: (request) => {
      endWhenUnread();
      holdEngine();
      read = (key) => request.config.get(key);
      return Promise.resolve();
    },
    settings: () => Promise.resolve(read).then((get) => parseStackSettings(get)),
  };
}

/** The configuration of this provider process: all its resources belong to one stack. */
export const configuration: Configuration = createConfiguration();

/**
 * @param read - gives the text of a configuration key, as Pulumi's provider host does.
 * @throws InvalidStackConfigurationError
 */
export function parseStackSettings(
  read: (key: string) => string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): StackSettings {
  const configured = parseJobIds("flink:abandonJobs", read("flink:abandonJobs"));
  const fromEnvironment = parseJobIds(abandonVariable, environment[abandonVariable]);
  return {
    abandonJobs: [...new Set([...configured, ...fromEnvironment])],
    observeInPreview: parseBoolean("flink:observeInPreview", read("flink:observeInPreview"), true),
  };
}

function parseJobIds(key: string, text: string | undefined): string[] {
  const ids = splitList(text ?? "").map((id) => id.toLowerCase());
  const wrong = ids.find((id) => !/^[0-9a-f]{32}$/.test(id));
  if (wrong !== undefined) {
    throw new InvalidStackConfigurationError(
      `${key}: ${JSON.stringify(wrong)} is not a Flink job id (32 hexadecimal digits). ` +
        "Give a JSON array of ids, or ids with commas between them.",
    );
  }
  return ids;
}

/** Structured configuration arrives as JSON text. */
function splitList(text: string): string[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed)) return parsed.map((item) => (typeof item === "string" ? item : JSON.stringify(item)));
  } catch {
    // not JSON: a plain list
  }
  return text.split(/[\s,]+/).filter((item) => item !== "");
}

function parseBoolean(key: string, text: string | undefined, absent: boolean): boolean {
  switch (text?.trim().toLowerCase()) {
    case undefined:
    case "":
      return absent;
    case "true":
      return true;
    case "false":
      return false;
    default:
      throw new InvalidStackConfigurationError(`${key}: ${JSON.stringify(text)} is neither true nor false.`);
  }
}
