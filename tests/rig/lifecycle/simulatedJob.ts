import type { JobSpec } from "../../../provider/lifecycle/jobSpec";
import type { FlinkJobStatus } from "../../../provider/lifecycle/model";
import { isTerminal } from "../../../provider/lifecycle/observation";
import type { Behaviour, SimulatedWorld, Stored } from "./simulatedWorld";

interface Taken {
  readonly kind: "checkpoint" | "savepoint" | "stop";
  readonly stored: Stored;
  readonly time: number;
}

/** One job: it counts how much it has processed, and commits it with every checkpoint and savepoint. */
export class SimulatedJob {
  status: FlinkJobStatus = "INITIALIZING";
  up = false;
  readonly startTime: number;
  readonly taken: Taken[] = [];
  completedCheckpoints = 0;
  restarts = 0;
  endedAt: number | undefined;
  /** Its archive is gone: Flink answers 404, and still knows the id as used. */
  forgotten = false;
  private processing = false;
  private position: number;
  private committed: number;
  private since: number;

  constructor(
    readonly world: SimulatedWorld,
    readonly jobId: string,
    readonly spec: JobSpec,
    readonly behaviour: Behaviour,
    readonly restoredFrom: Stored | undefined,
  ) {
    const { clock } = world;
    this.startTime = clock.now();
    this.since = clock.now();
    this.position = restoredFrom?.position ?? 0;
    this.committed = this.position;
    this.later(20, () => (this.status = "CREATED"));
    this.later(60, () => (this.status = "RUNNING"));
    if (restoredFrom?.deleted === true) {
      this.later(40, () => this.end("FAILED"));
      return;
    }
    if (behaviour.upAfterMs !== undefined) this.later(behaviour.upAfterMs, () => this.comeUp());
    if (behaviour.checkpointsBeforeUp === true) this.later(80, () => this.process());
    if (behaviour.failsAfterMs !== undefined) this.later(behaviour.failsAfterMs, () => this.end("FAILED"));
    if (behaviour.finishesAfterMs !== undefined) {
      this.later(behaviour.finishesAfterMs, () => {
        this.advance();
        this.commit();
        this.end("FINISHED");
      });
    }
    this.scheduleCheckpoint();
    this.scheduleRestart();
  }

  get hasEnded(): boolean {
    return isTerminal(this.status);
  }

  /** Something that happens unless the job has ended by then. */
  later(ms: number, run: () => void): void {
    this.world.clock.after(ms, () => {
      if (!this.hasEnded) run();
    });
  }

  end(status: "FINISHED" | "FAILED" | "CANCELED"): void {
    this.halt();
    this.status = status;
    this.endedAt = this.world.clock.now();
    const keeps = status === "FINISHED" ? false : this.behaviour.retainsCheckpoints;
    if (!keeps) this.discardCheckpoints();
  }

  /** Takes a savepoint and processes nothing more; Flink discards the older checkpoints of a job that it stopped. */
  stopWithSavepoint(): Stored {
    this.halt();
    const stored = this.take("stop");
    this.world.stopSavepoints.push(stored.path);
    this.discardCheckpoints();
    return stored;
  }

  /** Fails over and goes on from what it committed. */
  restart(): void {
    this.halt();
    this.restarts += 1;
    this.status = "RESTARTING";
    this.position = this.committed;
    this.later(100, () => (this.status = "RUNNING"));
    this.later(200, () => this.comeUp());
  }

  /** Its tasks are gone and do not come back. */
  loseTasks(): void {
    this.halt();
    this.position = this.committed;
    this.status = "RESTARTING";
  }

  cancel(): void {
    if (this.hasEnded) return;
    this.halt();
    this.status = "CANCELLING";
    if (this.behaviour.cancelMs !== undefined) this.later(this.behaviour.cancelMs, () => this.end("CANCELED"));
  }

  private discardCheckpoints(): void {
    for (const { kind, stored } of this.taken) if (kind === "checkpoint") stored.deleted = true;
  }

  private comeUp(): void {
    if (this.status !== "RUNNING") return;
    this.up = true;
    this.process();
  }

  private process(): void {
    if (this.processing) return;
    this.processing = true;
    this.since = this.world.clock.now();
  }

  private halt(): void {
    this.advance();
    this.processing = false;
    this.up = false;
  }

  private advance(): void {
    const now = this.world.clock.now();
    if (this.processing) this.position += now - this.since;
    this.since = now;
  }

  private commit(): void {
    this.world.commit(this.jobId, this.committed, this.position);
    this.committed = this.position;
  }

  private take(kind: Taken["kind"]): Stored {
    this.advance();
    this.commit();
    this.completedCheckpoints += 1;
    const stored = this.world.store(kind === "checkpoint" ? "checkpoints" : "savepoints", this.position);
    this.taken.push({ kind, stored, time: this.world.clock.now() });
    return stored;
  }

  private scheduleRestart(): void {
    const { restartsEveryMs } = this.behaviour;
    if (restartsEveryMs === undefined) return;
    this.later(restartsEveryMs, () => {
      this.restart();
      this.scheduleRestart();
    });
  }

  private scheduleCheckpoint(): void {
    const { checkpointEveryMs } = this.behaviour;
    if (checkpointEveryMs === undefined) return;
    this.later(checkpointEveryMs, () => {
      if (this.processing) {
        const before = this.taken.at(-1);
        if (before?.kind === "checkpoint") before.stored.deleted = true;
        this.take("checkpoint");
      }
      this.scheduleCheckpoint();
    });
  }
}
