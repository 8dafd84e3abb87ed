import { isCutOff, ReplanNeeded, TransitionFailedError } from "./errors";
import { execute } from "./execute";
import { keepLeft, type ExecutionContext } from "./execution";
import { Ledger } from "./ledger";
import type { DeploymentRecord, Desired } from "./model";
import type { Observation } from "./observation";
import { targetOf } from "./planParts";
import type { PlanInput, PlannedTransition } from "./planTypes";
import { TransitionRefusedError } from "./refusals";
import { FIRST_POLL_MS, SLOWEST_POLL_MS, stopIfInterrupted } from "./waiting";
import { formatDuration } from "../values/duration";

/** What a transition is carried out with; all effects come from outside. */
export interface TransitionRequest extends Pick<
  ExecutionContext,
  "clock" | "reporter" | "interrupted" | "clusters" | "artifact"
> {
  readonly record: DeploymentRecord | undefined;
  readonly desired: Desired;
  readonly artifactName: string | undefined;
  readonly imagePath?: string | undefined;
  readonly observe: (record: DeploymentRecord | undefined) => Promise<Observation>;
  readonly plan: (input: PlanInput) => PlannedTransition;
}

/** A failure together with the record as it was then. */
export class TransitionInterrupted extends Error {
  constructor(
    readonly record: DeploymentRecord,
    /** Whether Flink was changed, so that the record must be kept. */
    readonly begun: boolean,
    override readonly cause: Error,
  ) {
    super(cause.message, { cause });
  }
}

/** How often a job may change under a plan's hands before its user is asked to look. */
const MAX_PLANS = 5;

function causeOf(error: unknown): Error {
  if (!(error instanceof ReplanNeeded)) return error instanceof Error ? error : new Error(String(error));
  return new TransitionFailedError(
    "FLINK_STATE_UNCLEAR",
    `The job changed while it was worked on, ${MAX_PLANS} times in a row; last: ${error.message}. ` +
      "What was done so far is recorded. Look at the job in Flink, then run `pulumi up` again.",
    { cause: error },
  );
}

/** Observes and plans, and waits within timeouts.unreachable for a cluster that is not (yet) what the plan needs. */
async function lookAndPlan(
  request: TransitionRequest,
  record: DeploymentRecord | undefined,
): Promise<PlannedTransition & { readonly observation: Observation }> {
  const { desired, clock, reporter, artifactName, imagePath } = request;
  const began = clock.now();
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 2, SLOWEST_POLL_MS)) {
    const observation = await request.observe(record);
    const planned = request.plan({ record, desired, observation, artifactName, imagePath });
    const { arriving } = planned.situation;
    if (arriving !== undefined) {
      stopIfInterrupted(request);
      reporter.progress(
        `the submission of job ${arriving.jobId} was not answered and may still be carried out, waiting for it ` +
          `(${formatDuration(arriving.until - observation.time)} left)`,
      );
      await clock.sleep(Math.min(pause, arriving.until - observation.time));
      continue;
    }
    const waited = clock.now() - began;
    const lacking = lackOf(planned, observation);
    if (lacking === undefined || waited + pause > desired.policy.unreachableTimeoutMs) {
      return { ...planned, observation };
    }
    stopIfInterrupted(request);
    reporter.progress(`${lacking}, trying again (${formatDuration(waited)})`);
    await clock.sleep(pause);
  }
}

/** What a cluster may have in a moment. */
function lackOf({ plan, situation }: PlannedTransition, observation: Observation): string | undefined {
  const { current, target } = observation;
  const refusal = plan.kind === "refused" ? plan.refusal.code : undefined;
  const isSilent = current.kind === "unreachable" || target?.kind === "unreachable";
  if (isSilent && (refusal === "FLINK_CLUSTER_UNREACHABLE" || situation.current.kind === "unreachable")) {
    return "the cluster does not answer";
  }
  // A JobManager that was restarted has none until they have found it.
  const wanted = targetOf(observation);
  const isEmpty = wanted.kind === "reachable" && wanted.slots.total === 0;
  return refusal === "FLINK_NOT_ENOUGH_SLOTS" && isEmpty ? "the cluster has no TaskManagers" : undefined;
}

/** Observes, plans and executes until the desired state is reached. Throws TransitionInterrupted with the record. */
export async function carryOut(request: TransitionRequest): Promise<DeploymentRecord> {
  const { desired, clock } = request;
  const ledger = new Ledger(request.record, desired, () => clock.now());
  for (let plans = 1; ; plans += 1) {
    try {
      const known = plans === 1 ? request.record : ledger.record;
      const { observation, plan, situation } = await lookAndPlan(request, known);
      if (plan.kind === "refused") {
        // What Flink shows of how the job ended it may have forgotten by the next `up`.
        if (situation.seenEnd !== undefined) ledger.recognised(situation.seenEnd);
        keepLeft(ledger, situation);
        throw new TransitionRefusedError(plan.refusal);
      }
      await execute(
        { ...request, ledger, situation, observation, unreachableTimeoutMs: desired.policy.unreachableTimeoutMs },
        plan.steps,
      );
      return ledger.record;
    } catch (error) {
      if (error instanceof ReplanNeeded && plans < MAX_PLANS) continue;
      const cause = causeOf(error);
      if (ledger.hasBegun) ledger.leftUnfinished(isCutOff(cause) ? "TRANSITIONING" : "FAILED", cause.message);
      throw new TransitionInterrupted(ledger.record, ledger.hasBegun, cause);
    }
  }
}
