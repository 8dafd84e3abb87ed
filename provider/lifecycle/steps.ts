import type { ClusterIdentity, HealthCheck, Snapshot } from "./model";
import type { RestoreSource } from "./restore";
import type { Where } from "./situation";

/** A job of a step: its id and where it runs. */
export interface JobReference {
  readonly jobId: string;
  readonly generation: number;
  readonly where: Where;
}

/** What a stop does when the job can take no savepoint. */
export type WithoutSavepoint = "REFUSE" | "CANCEL_ON_CHECKPOINT";

/** One step of a plan. Every one can be repeated by another process at any time. */
export type Step =
  | { readonly kind: "upload"; readonly sha256: string; readonly fileName: string; readonly cluster: string }
  | { readonly kind: "awaitEnd"; readonly job: JobReference }
  | {
      readonly kind: "stop";
      readonly job: JobReference;
      readonly purpose: "upgrade" | "suspend" | "delete";
      /** The job is not up: wait for it first, within timeouts.running. */
      readonly awaitUp: boolean;
      readonly withoutSavepoint: WithoutSavepoint;
      readonly targetDirectory?: string;
      readonly drain: boolean;
      /** How old a checkpoint may be that takes the place of the savepoint: the next job starts from it. */
      readonly maxStateAgeMs?: number;
    }
  | {
      readonly kind: "cancel";
      readonly job: JobReference;
      readonly purpose: "upgrade" | "cancel" | "delete" | "discardTry";
    }
  | {
      readonly kind: "start";
      readonly generation: number;
      /** The number of the first attempt. */
      readonly attempt: number;
      /** The id of the first attempt, for people; absent while it is not known. */
      readonly jobId?: string;
      /** An earlier try that still runs: it is gone on with instead of a first submission. */
      readonly existing?: JobReference;
      readonly restore: RestoreSource;
      readonly cluster: string;
      readonly healthCheck?: HealthCheck | undefined;
      readonly rollback: RollbackPossibility;
    }
  | {
      readonly kind: "suspendOn";
      readonly snapshot: Snapshot | undefined;
      /** A job ended just before: on what it left, and only where that is nothing on `snapshot`. */
      readonly afterEnd: boolean;
    }
  | { readonly kind: "point"; readonly cluster: ClusterIdentity }
  | { readonly kind: "cleanUp"; readonly keep: string | undefined; readonly clusters: readonly Where[] }
  /** Savepoints outside of savepointHistory that nothing will need when all other steps are done. */
  | { readonly kind: "dispose"; readonly snapshots: readonly Snapshot[]; readonly where: Where }
  | { readonly kind: "settle"; readonly what: Settlement };

/** What is written down without anything being done to a job. */
export type Settlement =
  "upgradeWaits" | "alreadyThere" | "nothingRuns" | "cancelledNothingRan" | "finished" | "deleted";

/** Whether the old job can be brought back if the new one does not come up. */
export type RollbackPossibility =
  | { readonly kind: "possible" }
  | { readonly kind: "impossible"; readonly why: string }
  /** Nothing was running before, the very job that was is asked for again, or rollback is switched off. */
  | { readonly kind: "none" };
