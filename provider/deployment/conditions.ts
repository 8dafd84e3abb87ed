import type { ClusterObservation, JobRestarts, Observation } from "../lifecycle/observation";
import type { DeploymentCondition } from "./outputs";

/** What was seen of a deployment's active job when its cluster was last asked. */
export interface JobSeen {
  /** Why the cluster gave no answer; undefined: it did. */
  readonly unreachable?: string;
  /** Undefined: how often the job restarted is not known. */
  readonly restarts?: JobRestarts | undefined;
}

const RESTARTS = 3;

/**
 * Over how long the restarts are counted, in minutes. As Ververica Platform has it, but for its manual's remark that
 * JobUnstable implies JobFailing: with these numbers it can only be the other way round.
 */
const WINDOWS = { JobFailing: 10, JobUnstable: 60 } as const;

type Finding = Pick<DeploymentCondition, "type" | "status" | "reason" | "message">;

/** What an observation says of the active job. One that was started after it has not restarted yet. */
export function jobSeen(observation: Observation | undefined, jobId: string, isStartedSince: boolean): JobSeen {
  const clusters = [observation?.current, observation?.target].filter((cluster) => cluster !== undefined);
  const job = clusters.flatMap(jobsOf).find((candidate) => candidate.jobId === jobId);
  if (job !== undefined) return { restarts: job.restarts };
  if (isStartedSince) return { restarts: { ages: [] } };
  const unreachable = clusters.find((cluster) => cluster.kind === "unreachable");
  return unreachable === undefined ? {} : { unreachable: unreachable.reason };
}

function jobsOf(cluster: ClusterObservation) {
  return cluster.kind === "reachable" ? cluster.jobs : [];
}

/**
 * The conditions as they are now. The time of the last transition moves only when a status does. No message holds a
 * count or a time that would change although nothing has.
 */
export function conditionsOf(
  before: readonly DeploymentCondition[] | undefined,
  seen: JobSeen,
  time: string,
): DeploymentCondition[] {
  return findings(seen).map((finding) => {
    const previous = before?.find(({ type }) => type === finding.type);
    const since = previous?.status === finding.status ? previous.lastTransitionTime : time;
    return { ...finding, lastTransitionTime: since, lastUpdateTime: time };
  });
}

/** The conditions of a refresh: where nothing but time has passed, they are those of before. */
export function refreshedConditions(
  before: readonly DeploymentCondition[],
  seen: JobSeen,
  time: string,
): readonly DeploymentCondition[] {
  const now = conditionsOf(before, seen, time);
  const isNew = now.some(({ type, status, reason, message }) => {
    const old = before.find((condition) => condition.type === type);
    return old?.status !== status || old.reason !== reason || old.message !== message;
  });
  return isNew ? now : before;
}

/** What a user should be told of a job that is not well, in a line; undefined: nothing. */
export function warningOf(seen: JobSeen): string | undefined {
  const condition = findings(seen).find(({ type, status }) => type !== "ClusterUnreachable" && status === "True");
  return condition === undefined ? undefined : `${condition.type}: ${condition.message}`;
}

function findings(seen: JobSeen): Finding[] {
  return [
    seen.unreachable === undefined
      ? {
          type: "ClusterUnreachable",
          status: "False",
          reason: "ClusterReachable",
          message: "The cluster answered when it was last asked.",
        }
      : { type: "ClusterUnreachable", status: "True", reason: "ClusterUnreachable", message: seen.unreachable },
    restartFinding("JobFailing", seen),
    restartFinding("JobUnstable", seen),
  ];
}

function restartFinding(type: keyof typeof WINDOWS, { unreachable, restarts }: JobSeen): Finding {
  const minutes = WINDOWS[type];
  if (unreachable !== undefined) {
    return { type, status: "Unknown", reason: "ClusterUnreachable", message: "The cluster did not answer." };
  }
  if (restarts === undefined) {
    return { type, status: "Unknown", reason: "RestartsUnknown", message: "Flink did not say how often it restarted." };
  }
  const within = restarts.ages.filter((age) => age <= minutes * 60_000);
  if (within.length < RESTARTS) {
    const message = `The job restarted fewer than ${RESTARTS} times within the last ${minutes} minutes.`;
    return { type, status: "False", reason: "FewRestarts", message };
  }
  const cause = restarts.cause === undefined ? "" : ` Its last failure: ${restarts.cause}`;
  const message = `The job restarted ${RESTARTS} or more times within the last ${minutes} minutes.${cause}`;
  return { type, status: "True", reason: "ManyRestarts", message };
}
