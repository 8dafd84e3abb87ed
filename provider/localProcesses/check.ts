import { z } from "zod";
import { checkSchema } from "../checks/checkSchema";
import type { InputFailure } from "../checks/issues";
import { duration, fail, flinkVersion, scalarMap, text, wholeNumber } from "../checks/leaves";
import { readFlinkHome, renderConfiguration, reservedKeys } from "../local";
import { PulumiFlinkError } from "../errors";
import { explainFlinkVersion } from "../values/flinkVersion";
import { containsUnknown } from "../values/unknown";
import type { ProcessesInputs } from "./inputs";

const schema = z.strictObject({
  flinkVersion: flinkVersion().optional(),
  flinkHome: text().optional(),
  taskManagers: wholeNumber(1).default(1),
  slotsPerTaskManager: wholeNumber(1).default(2),
  flinkConfiguration: scalarMap().default({}),
  directory: text((directory) => {
    if (/[:,#]/.test(directory)) fail(`must not hold ":", "," or "#", which Flink splits paths at`);
  }),
  port: wholeNumber(1, 65_535).optional(),
  clusterReadyTimeout: duration("positive").default("5 min"),
  fingerprint: text(),
  incarnation: text(),
  resourceUrn: text().optional(),
  __provider: text().optional(),
});

const INTERNAL = ["fingerprint", "incarnation", "resourceUrn", "__provider"];

/** What users write instead of a key that a local cluster sets itself. */
const INSTEAD: Readonly<Record<string, string>> = {
  "taskmanager.numberOfTaskSlots": "use slotsPerTaskManager",
  "rest.port": "use port",
  "rest.bind-port": "use port",
};

/** The arguments with their defaults, and all that is wrong with them. */
export async function checkProcesses(
  news: Record<string, unknown>,
): Promise<{ inputs: ProcessesInputs; failures: InputFailure[] }> {
  const names = Object.keys(schema.shape).filter((name) => !INTERNAL.includes(name));
  const { inputs, wrong } = checkSchema<ProcessesInputs>(schema, (path) => (path.length === 0 ? names : []), news);
  return { inputs, failures: [...wrong, ...(await sourceFailures(inputs)), ...configurationFailures(inputs)] };
}

async function sourceFailures({ flinkVersion, flinkHome }: ProcessesInputs): Promise<InputFailure[]> {
  if ((flinkVersion === undefined) === (flinkHome === undefined)) {
    const reason =
      flinkVersion === undefined
        ? 'or flinkHome is required: the version of Flink to run, such as "1.20.0", or the folder of an unpacked Flink'
        : "excludes flinkHome: give one of the two";
    return [{ property: "flinkVersion", reason }];
  }
  if (flinkHome === undefined || containsUnknown(flinkHome)) return [];
  try {
    await readFlinkHome(flinkHome);
    return [];
  } catch (error) {
    if (!(error instanceof PulumiFlinkError)) throw error;
    return [{ property: "flinkHome", reason: `is wrong: ${error.message}` }];
  }
}

function configurationFailures(inputs: ProcessesInputs): InputFailure[] {
  const { flinkConfiguration, flinkVersion } = inputs;
  if (containsUnknown(flinkConfiguration)) return [];
  const reserved = Object.keys(flinkConfiguration).filter((key) => reservedKeys.includes(key));
  if (reserved.length > 0) {
    return reserved.map((key) => ({
      property: `flinkConfiguration[${JSON.stringify(key)}]`,
      reason: `is set by the local cluster itself; ${INSTEAD[key] ?? "leave it out"}`,
    }));
  }
  try {
    renderConfiguration({
      flinkVersion:
        flinkVersion === undefined || explainFlinkVersion(flinkVersion) !== undefined ? "2.0.0" : flinkVersion,
      directory: "/",
      restPort: 1,
      rpcPort: 1,
      slotsPerTaskManager: 1,
      flinkConfiguration,
    });
    return [];
  } catch (error) {
    if (!(error instanceof PulumiFlinkError)) throw error;
    return [{ property: "flinkConfiguration", reason: `cannot be used: ${error.message}` }];
  }
}
