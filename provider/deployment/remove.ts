import { configuration } from "../engine/configuration";
import { untilInterrupted } from "../engine/interruption";
import { PartialFailure } from "../engine/failure";
import type { Observation } from "../lifecycle/observation";
import { observe } from "../lifecycle/observe";
import { planDelete } from "../lifecycle/planDelete";
import { carryOut, TransitionInterrupted } from "../lifecycle/transition";
import { openClusters } from "./clusters";
import { desiredOf } from "./desired";
import { clockUntil, systemClock } from "./clock";
import { outputsOf } from "./outputsOf";
import { openLog, reporterOf } from "./resourceRow";
import { redactorOf } from "./secrets";
import { recordOf, type DeploymentOutputs } from "./outputs";

/** Ends the deployment's job by `onDelete`, as `onDeletePlan` said. The savepoint's path is a lasting line. */
export function deleteDeployment(id: string, olds: DeploymentOutputs): Promise<void> {
  return untilInterrupted(async (signal) => {
    const settings = await configuration.settings();
    const log = openLog(olds);
    const desired = desiredOf(olds, olds.uid, olds.record.applied?.job.artifactSha256, settings);
    // Both clusters are looked at: a try of an update that failed may have been left on the one asked for last.
    const clusters = openClusters(desired, olds, olds.cluster, "state");
    let seen: Observation | undefined;
    try {
      await carryOut({
        record: recordOf(olds),
        desired,
        artifactName: undefined,
        clusters,
        clock: clockUntil(signal),
        reporter: reporterOf(log),
        interrupted: () => signal.aborted,
        artifact: () => Promise.reject(new Error("a delete uploads nothing")),
        observe: async (known) => (seen = await observe(known, desired, clusters, systemClock, clusters.isGone)),
        plan: planDelete,
      });
    } catch (error) {
      if (!(error instanceof TransitionInterrupted)) throw error;
      if (!error.begun) throw error.cause;
      const outputs = outputsOf(olds, desired, error.record, olds, seen, systemClock.now());
      throw new PartialFailure(error.cause, id, { ...outputs }, { ...olds }, redactorOf(olds));
    } finally {
      await Promise.all([clusters.close(), log.flush()]);
    }
  });
}
