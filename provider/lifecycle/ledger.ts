import { isSameSnapshot } from "../values/snapshotPath";
import { parseJobId } from "./ids";
import type {
  AppliedJob,
  ClusterIdentity,
  DeploymentRecord,
  DeploymentState,
  Desired,
  Happening,
  JobEnd,
  Snapshot,
  TriedJob,
  UnfinishedTransition,
} from "./model";
import { withNewest } from "./snapshotHistory";

type Untimed<T> = T extends unknown ? Omit<T, "time"> : never;

/** The record while a transition is carried out: changed after each step, true at any moment. */
export class Ledger {
  private current: DeploymentRecord;
  private touched = false;

  constructor(
    record: DeploymentRecord | undefined,
    private readonly desired: Desired,
    private readonly now: () => number,
  ) {
    this.current = record ?? { uid: desired.uid, state: "TRANSITIONING", snapshots: [], happened: [] };
  }

  get record(): DeploymentRecord {
    return this.current;
  }

  /** Whether anything was done to Flink that a failure must not forget. */
  get hasBegun(): boolean {
    return this.touched;
  }

  /** Something is about to be done to a job: from now on a failure carries the record. */
  private begin(): void {
    this.touched = true;
    this.current = { ...this.current, state: "TRANSITIONING", transition: this.unfinished() };
  }

  /** Something is about to be done to this job. One that is not the recorded one is looked for there by the next `up`. */
  touching(jobId: string, cluster: ClusterIdentity): void {
    this.trying({ jobId, cluster, fate: "accepted" });
  }

  /** This job is about to be submitted: until that is answered, nobody knows whether it is there. */
  submitting(jobId: string, cluster: ClusterIdentity, jobManager: string | undefined): void {
    const before = this.current.transition?.tried;
    const repeated = before?.jobId === jobId && before.fate === "unclear" ? before.submission : undefined;
    const submission = repeated ?? { time: this.now(), jobManager };
    this.trying({ jobId, cluster, fate: "unclear", submission, redeploy: this.redeployBy(jobId) });
  }

  /** Its submission was not answered within jobSubmissionTimeout. */
  overran(jobId: string): void {
    const { transition } = this.current;
    const { tried } = transition ?? {};
    if (tried?.jobId !== jobId || tried.submission === undefined) return;
    const submission = { ...tried.submission, overran: true as const };
    this.current = { ...this.current, transition: { ...this.unfinished(), tried: { ...tried, submission } } };
  }

  /** Which savepointRedeployNonce a try of this transition follows, if any. */
  private redeployBy(jobId: string): TriedJob["redeploy"] {
    const { job, uid } = this.desired;
    const before = this.current.transition?.tried?.redeploy;
    const nonce = job.kind === "known" ? job.spec.savepointRedeployNonce : undefined;
    if (nonce === undefined || before?.nonce === nonce) return before;
    const { generation = 0 } = parseJobId(uid, jobId) ?? {};
    return { nonce, generation };
  }

  private trying(tried: TriedJob): void {
    this.begin();
    if (tried.jobId === this.current.applied?.jobId) return;
    const redeploy = tried.redeploy ?? this.current.transition?.tried?.redeploy;
    this.current = { ...this.current, transition: { ...this.unfinished(), tried: { ...tried, redeploy } } };
  }

  private fateOf(jobId: string, fate: "accepted" | "ended"): void {
    const { transition } = this.current;
    if (transition?.tried?.jobId !== jobId) return;
    const { submission: _, ...tried } = transition.tried;
    this.current = { ...this.current, transition: { ...transition, tried: { ...tried, fate } } };
  }

  /** A job has ended and leaves state of its own. */
  left(jobId: string, snapshot: Snapshot): void {
    this.addSnapshot({ jobId, ...snapshot });
  }

  private unfinished(): UnfinishedTransition {
    const { state: desiredState, job } = this.desired;
    const digest = job.kind === "known" ? job.digest : undefined;
    return { desiredState, digest, tried: this.current.transition?.tried };
  }

  note(happening: Untimed<Happening>): void {
    this.current = {
      ...this.current,
      happened: [...this.current.happened, { ...happening, time: this.now() }],
    };
  }

  addSnapshot(snapshot: Snapshot): void {
    const { snapshots } = this.current;
    this.current = { ...this.current, snapshots: withNewest(snapshots, snapshot) };
    if (this.current.snapshots.length > snapshots.length) this.note({ kind: "snapshot", snapshot });
  }

  /** A job is about to be given it for good: from now on it is Flink's. */
  claiming(path: string): void {
    const snapshots = this.current.snapshots.map((snapshot) =>
      isSameSnapshot(snapshot.path, path) ? { ...snapshot, claimed: true as const } : snapshot,
    );
    this.current = { ...this.current, snapshots };
  }

  /** It is not in its storage any more. */
  disposed(path: string): void {
    this.current = { ...this.current, snapshots: this.current.snapshots.filter((snapshot) => snapshot.path !== path) };
    this.note({
      kind: "note",
      reason: "Cleanup",
      message: `savepoint ${path}, which nothing needed any more, was disposed of`,
    });
  }

  /** A job starts from it: one that Flink alone knew of becomes part of the history. */
  usedSnapshot(snapshot: Snapshot): void {
    const { snapshots } = this.current;
    if (snapshot.origin === "COPIED" || snapshots.some(({ path }) => isSameSnapshot(path, snapshot.path))) return;
    this.addSnapshot(snapshot);
  }

  /** Flink shows an end of the applied job that a killed process brought about and could not record. */
  recognised(end: JobEnd): void {
    if (this.current.applied === undefined) return;
    this.begin();
    this.ended(this.current.applied.jobId, end);
  }

  /** Flink shows what a job that ended by itself has left, and the record does not know it yet. */
  seenLeft(jobId: string, snapshot: Snapshot): void {
    if (this.current.snapshots.some(({ path }) => isSameSnapshot(path, snapshot.path))) return;
    this.touched = true;
    this.left(jobId, snapshot);
  }

  /** The applied job, or a try, has ended by our hand. */
  ended(jobId: string, end: JobEnd): void {
    this.fateOf(jobId, "ended");
    const { applied } = this.current;
    if (end.snapshot !== undefined) {
      // Whose state a copied snapshot is, its path does not say.
      this.addSnapshot(end.snapshot.origin === "COPIED" ? end.snapshot : { jobId, ...end.snapshot });
    }
    const state = end.kind === "FINISHED" || end.kind === "FAILED" ? end.kind : "TERMINATED";
    this.note({ kind: "ended", jobId, state });
    if (applied === undefined) return;
    // A try that ran after the recorded job leaves the newer state behind, or none of its own.
    const snapshot = end.snapshot ?? (jobId === applied.jobId ? undefined : applied.end?.snapshot);
    this.current = { ...this.current, applied: { ...applied, end: { ...end, snapshot } } };
  }

  attemptFailed(jobId: string, message: string): void {
    this.fateOf(jobId, "ended");
    this.note({ kind: "ended", jobId, state: "FAILED", message });
  }

  submitted(jobId: string, generation: number, restoredFrom: string | undefined): void {
    this.fateOf(jobId, "accepted");
    this.note({ kind: "submitted", jobId, generation, restoredFrom });
  }

  /** A try that was seen becomes the job that the record speaks of. */
  adopted(applied: AppliedJob): void {
    this.current = { ...this.current, applied };
    const { jobId, generation, restoredFrom, startedAt } = applied;
    this.note({ kind: "adopted", jobId, generation, restoredFrom, startedAt });
  }

  /** Whether this try is known to have been on its cluster, and not to have ended. */
  isAccepted(jobId: string): boolean {
    const tried = this.current.transition?.tried;
    return tried?.jobId === jobId && tried.fate === "accepted";
  }

  /** @param finished - it has run to its end by itself, maybe before anybody saw it run. */
  started(applied: AppliedJob, finished = false): void {
    this.adopted(applied);
    this.note({ kind: "started", jobId: applied.jobId, finished });
  }

  pointTo(cluster: AppliedJob["cluster"]): void {
    const { applied } = this.current;
    if (applied !== undefined) this.current = { ...this.current, applied: { ...applied, cluster } };
  }

  /** The desired state is reached. */
  reached(state: DeploymentState, pendingUpgrade?: string): void {
    this.current = { ...this.current, state, transition: undefined, pendingUpgrade };
  }

  /** The transition failed, or was cut off: it is to be gone on with by the next `up`. */
  leftUnfinished(state: "FAILED" | "TRANSITIONING", reason: string): void {
    this.current = {
      ...this.current,
      state,
      transition: { ...this.unfinished(), failure: reason },
    };
    this.note({ kind: "note", reason: "TransitionFailed", message: reason });
  }
}
