/** Durable storage of snapshots, which outlives a cluster and can be shared by several. */

/** One savepoint or checkpoint in storage. */
export interface FakeSnapshot {
  readonly path: string;
  readonly jobId: string;
  /** The first job of the chain of restores that this snapshot belongs to. */
  readonly lineage: string;
  /** How far the job had come: what a job started from here goes on with. */
  readonly count: number;
  /** How much of that was committed then; the rest is, by the job that starts from here. Default: all. */
  readonly committed?: number;
  readonly checkpointId: number;
  readonly isSavepoint: boolean;
  /** How many key groups its state is made of. Default: as many as any job wants. */
  readonly maxParallelism?: number;
}

/** A range of progress whose side effects became visible outside, as a transactional sink commits them. */
interface Commit {
  readonly lineage: string;
  readonly jobId: string;
  readonly from: number;
  readonly to: number;
}

/** As Flink prints a path: `file:///a` and `/a` are `file:/a`. */
export function canonicalPath(path: string): string {
  const short = path.replace(/^file:\/\/\//, "file:/").replace(/\/_metadata$/, "");
  const absolute = short.startsWith("/") ? `file:${short}` : short;
  return absolute.replace(/\/+$/, "");
}

export class FakeStorage {
  readonly snapshots = new Map<string, FakeSnapshot>();
  /** Everything committed so far, oldest first. */
  readonly commits: Commit[] = [];

  add(snapshot: FakeSnapshot): void {
    this.snapshots.set(canonicalPath(snapshot.path), snapshot);
  }

  get(path: string): FakeSnapshot | undefined {
    return this.snapshots.get(canonicalPath(path));
  }

  /** Whether there was one to delete. */
  delete(path: string): boolean {
    return this.snapshots.delete(canonicalPath(path));
  }

  /** How much of a lineage's progress was committed more than once: 0 for exactly-once. */
  repeated(lineage: string): number {
    let reached = 0;
    let repeated = 0;
    for (const commit of this.commits) {
      if (commit.lineage !== lineage) continue;
      repeated += Math.max(0, Math.min(reached, commit.to) - commit.from);
      reached = Math.max(reached, commit.to);
    }
    return repeated;
  }
}
