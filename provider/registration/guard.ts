import { addressOf } from "../access/address";
import { isEndpointGone } from "../deployment/clusters";
import { configuration, type StackSettings } from "../engine/configuration";
import { untilInterrupted } from "../engine/interruption";
import { currentPhase } from "../engine/phase";
import { createResourceLog, type ResourceLog } from "../engine/log";
import { FlinkRequestError } from "../flink/errors";
import type { JobSummary } from "../flink/model";
import { isTerminal } from "../lifecycle/observation";
import type { FlinkEndpoint } from "../resources/args";
import { abandonSetting } from "../values/abandonment";
import { clearAway, sayWhatIsLeft } from "./clearAway";
import { connect } from "./connect";
import { ClusterBusyError, ClusterSilentError } from "./errors";
import { forcedJobs } from "./forced";
import type { RegistrationOutputs } from "./inputs";

/**
 * Lets a cluster be deleted only when no job runs on it: whatever failed before, and with `--continue-on-error` too, no
 * cluster is taken from under a job.
 *
 * @throws ClusterBusyError naming the jobs.
 * @throws ClusterSilentError when the cluster is there and does not say.
 */
export async function allowDelete(olds: RegistrationOutputs): Promise<void> {
  const settings = await configuration.settings();
  const log = createResourceLog(olds.resourceUrn ?? "");
  try {
    if (await isEndpointGone(olds.endpoint)) {
      log.info("The cluster's JobManager does not run any more, so no job does: nothing is left to guard.");
      sayWhatIsLeft(olds, log);
      return;
    }
    await guard(olds, settings, log);
    await untilInterrupted(() => clearAway(olds, log));
  } finally {
    await log.flush();
  }
}

async function guard(olds: RegistrationOutputs, settings: StackSettings, log: ResourceLog): Promise<void> {
  const jobs = await activeJobs(olds, settings, log);
  const given = [...settings.abandonJobs, ...forcedJobs(olds.resourceUrn, olds.forceCancellationOf)];
  const left = jobs.filter(({ id }) => !given.includes(id));
  if (left.length > 0) throw new ClusterBusyError(busyText(olds, left));
  for (const job of jobs) log.warn(`${describe(job)} ends with its cluster, as it was told to.`);
}

async function activeJobs(olds: RegistrationOutputs, settings: StackSettings, log: ResourceLog): Promise<JobSummary[]> {
  const client = connect(olds.endpoint, "state");
  try {
    return (await client.jobs()).filter(({ status }) => !isTerminal(status));
  } catch (error) {
    if (!(error instanceof FlinkRequestError)) throw error;
    const name = clusterIdOf(olds.endpoint);
    if (name !== undefined && settings.abandonJobs.includes(name)) {
      log.warn(`The cluster does not answer. It is deleted as it was told to, whatever runs on it.`);
      return [];
    }
    throw new ClusterSilentError(silentText(olds), { cause: error });
  } finally {
    await client.close();
  }
}

/** What a cluster that cannot be asked for its jobs is given up by: its incarnation, an id like those of jobs. */
function clusterIdOf({ incarnation }: FlinkEndpoint): string | undefined {
  return incarnation;
}

/** What is running: a program has been checked in `up`, and in nothing else that deletes. */
function command(): string {
  return currentPhase() === "update" ? "pulumi up" : "pulumi destroy";
}

function describe({ id, name, status }: JobSummary): string {
  return `job ${id} "${name}" (${status})`;
}

function busyText(olds: RegistrationOutputs, jobs: readonly JobSummary[]): string {
  const list = jobs.map((job) => `\n  - ${describe(job)}`).join("");
  const [jobsRun, them] = jobs.length === 1 ? ["a job runs", "it"] : [`${jobs.length} jobs run`, "them"];
  return (
    `The Flink cluster ${olds.clusterName} at ${addressOf(olds.endpoint)} is not deleted: ${jobsRun} on it.${list}\n` +
    "The cluster was left as it is. If another stack's FlinkDeployment made the job, run `pulumi up` in that stack " +
    "(it moves the job to the new cluster, or suspends or cancels it by its state), then run it here again. " +
    `To end ${them} with the cluster, name ${them} in forceCancellationOf, or run: ` +
    `${abandonSetting(jobs.map(({ id }) => id))} ${command()}`
  );
}

function silentText(olds: RegistrationOutputs): string {
  const id = clusterIdOf(olds.endpoint);
  const giveUp =
    id === undefined ? "" : ` To give the cluster up with all that may run on it: ${abandonSetting([id])} ${command()}`;
  return (
    `The Flink cluster ${olds.clusterName} at ${addressOf(olds.endpoint)} is not deleted: it does not say whether jobs run on ` +
    `it. Bring it back and run again.${giveUp}`
  );
}
