import type { JobSpec } from "../../../provider/lifecycle/jobSpec";
import type { FlinkJobStatus } from "../../../provider/lifecycle/model";
import type { DisposalResult } from "../../../provider/lifecycle/ports";
import { VirtualClock } from "./virtualClock";

/** What a job of one jar does, in milliseconds since its submission or since it came up. */
export interface Behaviour {
  /** When all its tasks run; undefined: never. */
  readonly upAfterMs?: number;
  /** Between two checkpoints; undefined: it takes none. */
  readonly checkpointEveryMs?: number;
  /** It checkpoints although not all of its tasks run. */
  readonly checkpointsBeforeUp?: boolean;
  readonly failsAfterMs?: number;
  /** It fails and is restarted again and again. */
  readonly restartsEveryMs?: number;
  readonly finishesAfterMs?: number;
  /** Whether Flink keeps its checkpoints when it is cancelled or fails. */
  readonly retainsCheckpoints: boolean;
  /** How long it takes to end when it is cancelled; undefined: it never does. */
  readonly cancelMs?: number;
}

export const HEALTHY: Behaviour = { upAfterMs: 300, checkpointEveryMs: 500, retainsCheckpoints: true, cancelMs: 60 };

/** What becomes of one stop. */
export type StopBehaviour =
  | "succeeds"
  /** The operation is complete while the job still looks as if it ran. */
  | "answersBeforeItEnds"
  | "fails"
  /** The savepoint is complete, then the job fails for good. */
  | "failsAfterSavepoint"
  /** The savepoint is complete, then the job fails and goes on from it. */
  | "restartsAfterSavepoint"
  | "hangs"
  /** The JobManager loses the operation, and the job goes on. */
  | "isForgotten"
  /** The savepoint is complete and the job FINISHED, and nobody knows the operation any more. */
  | "succeedsAndIsForgotten"
  | "jobFailsMeanwhile";

/** A savepoint or checkpoint in storage. */
export interface Stored {
  readonly path: string;
  /** How much had been processed. */
  readonly position: number;
  deleted: boolean;
}

/** A job as somebody who sees all clusters sees it. */
interface WorldJob {
  readonly jobId: string;
  readonly spec: JobSpec;
  readonly status: FlinkJobStatus;
  readonly hasEnded: boolean;
  readonly restoredFrom: Stored | undefined;
  readonly completedCheckpoints: number;
}

/** All clusters that one deployment's jobs run on, the storage that they share, and what they have committed to the outside. */
export class SimulatedWorld {
  readonly clock = new VirtualClock();
  readonly storage = new Map<string, Stored>();
  readonly jobs: WorldJob[] = [];
  /** By the sha256 of the jar: what its jobs do, one submission after another; the last goes on. */
  readonly behaviours = new Map<string, Behaviour[]>();
  /** What becomes of the next stops; then they succeed. */
  readonly stops: StopBehaviour[] = [];
  /** Paths of the savepoints that stops took. */
  readonly stopSavepoints: string[] = [];
  /** What must never happen and did. */
  readonly violations: string[] = [];
  /** Everything up to here was committed, once and in order. */
  committed = 0;
  /** Off: the user asked to start empty or from an older state. */
  exactlyOnce = true;
  private names = 0;

  behaviour(artifactSha256: string): Behaviour {
    const list = this.behaviours.get(artifactSha256) ?? [];
    return (list.length > 1 ? list.shift() : list[0]) ?? HEALTHY;
  }

  store(kind: "savepoints" | "checkpoints", position: number): Stored {
    const stored = { path: `file:/${kind}/${(this.names += 1)}`, position, deleted: false };
    this.storage.set(stored.path, stored);
    return stored;
  }

  /** Paths that cannot be deleted, and why. */
  readonly undisposable = new Map<string, string>();
  /** Paths of what was disposed of, in order. */
  readonly disposed: string[] = [];

  dispose(path: string): DisposalResult {
    const stored = this.storage.get(path);
    if (stored === undefined || stored.deleted) return { kind: "missing" };
    stored.deleted = true;
    const kept = [...this.storage.values()].some(({ position, deleted }) => position === this.committed && !deleted);
    if (stored.position === this.committed && !kept) {
      this.violations.push(`${path} was disposed of, and there is no other state of all that was committed`);
    }
    this.disposed.push(path);
    return { kind: "completed" };
  }

  /** A job makes visible what it processed since it last did. */
  commit(jobId: string, from: number, to: number): void {
    if (this.exactlyOnce && from !== this.committed) {
      this.violations.push(`job ${jobId} committed from ${from}, and ${this.committed} had been committed`);
    }
    this.committed = to;
  }

  get activeJobs(): WorldJob[] {
    return this.jobs.filter(({ hasEnded }) => !hasEnded);
  }
}
