import type { FlinkConfiguration, FlinkSource, ProcessName } from "../local";
import type { Duration } from "../values/duration";

/** The arguments of a local cluster's processes after `check`. In a preview any value may be the unknown one. */
export interface ProcessesInputs {
  /** Exactly one of `flinkVersion` and `flinkHome`. */
  readonly flinkVersion?: string;
  readonly flinkHome?: string;
  readonly taskManagers: number;
  readonly slotsPerTaskManager: number;
  readonly flinkConfiguration: FlinkConfiguration;
  /** As the user wrote it; relative to the project's folder. */
  readonly directory: string;
  readonly port?: number;
  readonly clusterReadyTimeout: Duration;
  /** What identifies the cluster: everything that a running process cannot take on. */
  readonly fingerprint: string;
  /** Tells this life of the cluster from others, also by its folder. */
  readonly incarnation: string;
  /** Where messages belong. */
  readonly resourceUrn?: string;
  /** Set by Pulumi: the provider's code. */
  readonly __provider?: string;
}

/** One process as Pulumi's state shows it. */
export interface ProcessOutput {
  readonly name: ProcessName;
  readonly pid: number;
  readonly state: "running" | "dead";
  readonly logFile: string;
}

/** The processes as Pulumi's state keeps them. */
export interface ProcessesOutputs extends ProcessesInputs {
  /** Of Flink's REST API. */
  readonly url: string;
  /** The version that runs, also where `flinkHome` was given. */
  readonly runningVersion: string;
  /** The machine that the processes run on. */
  readonly host: string;
  /** This incarnation's own folder, absolute. */
  readonly home: string;
  /** Where savepoints go by default, with its scheme. */
  readonly savepointDirectory: string;
  readonly processes: readonly ProcessOutput[];
  /** False: something was begun and did not end well, so that the next `up` goes on. */
  readonly ready: boolean;
}

/** Which Flink to run, of checked inputs. */
export function sourceOf({ flinkVersion, flinkHome }: ProcessesInputs): FlinkSource {
  if (flinkHome !== undefined) return { flinkHome };
  if (flinkVersion !== undefined) return { flinkVersion };
  throw new Error("neither flinkVersion nor flinkHome");
}
