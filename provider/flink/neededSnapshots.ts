import type { FlinkClient } from "./client";
import { JobNotFoundError } from "./errors";

/** Whether a job that fails now would be started again from the snapshot that it was started from. */
export type SnapshotNeed =
  | { readonly kind: "needs"; readonly path: string }
  /** It has a checkpoint of its own, takes none at all, or is gone. */
  | { readonly kind: "none" }
  /** It has no checkpoint, and Flink does not say that it was started from anything. */
  | { readonly kind: "empty" };

/** Jobs asked about at once. */
const AT_ONCE = 8;

/** What these jobs need, in their order. */
export async function snapshotNeeds(client: FlinkClient, jobIds: readonly string[]): Promise<SnapshotNeed[]> {
  const needs: SnapshotNeed[] = [];
  for (let first = 0; first < jobIds.length; first += AT_ONCE) {
    const some = jobIds.slice(first, first + AT_ONCE);
    needs.push(...(await Promise.all(some.map((jobId) => needOf(client, jobId)))));
  }
  return needs;
}

async function needOf(client: FlinkClient, jobId: string): Promise<SnapshotNeed> {
  try {
    const checkpoints = await client.checkpoints(jobId);
    // A savepoint of its own is nothing that Flink fails over to.
    if (checkpoints === undefined || checkpoints.latest.completed !== undefined) return { kind: "none" };
    const path = checkpoints.latest.restored?.path;
    return path === undefined ? { kind: "empty" } : { kind: "needs", path };
  } catch (error) {
    if (error instanceof JobNotFoundError) return { kind: "none" };
    throw error;
  }
}
