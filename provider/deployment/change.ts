import type { ResolvedArtifact } from "../artifacts/resolveArtifact";
import { configuration } from "../engine/configuration";
import { untilInterrupted } from "../engine/interruption";
import type { Observation } from "../lifecycle/observation";
import { observe } from "../lifecycle/observe";
import { plan } from "../lifecycle/plan";
import { carryOut, TransitionInterrupted } from "../lifecycle/transition";
import { PartialFailure } from "../engine/failure";
import { artifactOf, readingOptions, resolvedArtifactOf } from "./artifact";
import { openClusters } from "./clusters";
import { desiredOf } from "./desired";
import type { DeploymentInputs } from "./inputs";
import { clockUntil, systemClock } from "./clock";
import { outputsOf } from "./outputsOf";
import { deleteUnlinkedJars, lookAtUnlinked } from "./unlinkedClusters";
import { withUnlinkedTry } from "./unlinkedTry";
import { openLog, reporterOf } from "./resourceRow";
import { redactorOf } from "./secrets";
import { recordOf, type DeploymentOutputs } from "./outputs";

/** Creates or updates a deployment: observes, plans, executes. Throws partial failures that carry the whole record. */
export function changeDeployment(
  id: string,
  known: DeploymentOutputs | undefined,
  inputs: DeploymentInputs,
): Promise<DeploymentOutputs> {
  return untilInterrupted(async (signal) => {
    const settings = await configuration.settings();
    const log = openLog(inputs, known);
    const digest = await artifactOf(inputs, known, readingOptions(log, signal));
    const desired = desiredOf(inputs, id, digest.sha256, settings);
    const unlinked = await lookAtUnlinked(known, inputs, desired.uid, log);
    const olds = withUnlinkedTry(known, inputs, desired, unlinked);
    const clusters = openClusters(desired, olds, inputs.cluster, "program");
    let artifact: ResolvedArtifact | undefined;
    let seen: Observation | undefined;
    try {
      const record = await carryOut({
        record: olds === undefined ? undefined : recordOf(olds),
        desired,
        artifactName: digest.fileName,
        imagePath: digest.imagePath,
        clusters,
        clock: clockUntil(signal),
        reporter: reporterOf(log),
        interrupted: () => signal.aborted,
        artifact: async () => (artifact ??= await resolvedArtifactOf(inputs, readingOptions(log, signal))),
        observe: async (record) => (seen = await observe(record, desired, clusters, systemClock, clusters.isGone)),
        plan,
      });
      await deleteUnlinkedJars(unlinked, desired);
      return outputsOf(inputs, desired, record, olds, seen, systemClock.now());
    } catch (error) {
      if (!(error instanceof TransitionInterrupted)) throw error;
      if (!error.begun) throw error.cause;
      const outputs = outputsOf(inputs, desired, error.record, olds, seen, systemClock.now());
      throw new PartialFailure(error.cause, id, { ...outputs }, { ...inputs }, redactorOf(inputs, olds));
    } finally {
      await Promise.all([clusters.close(), artifact?.dispose(), log.flush()]);
    }
  });
}
