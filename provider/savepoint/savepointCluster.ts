import { connectionOf } from "../access/connection";
import type { ResolvedEndpoint } from "../access/credentials";
import { clockUntil } from "../deployment/clock";
import { ClusterJobs } from "../deployment/clusterJobs";
import { unlessMissing } from "../deployment/tolerated";
import { identityOf } from "../deployment/desired";
import { engineFence } from "../engine/fence";
import { interrupted, outOfTime } from "../engine/interruption";
import { FlinkClient } from "../flink/client";
import type { SavepointRequest, Snapshot } from "../flink/model";
import { isSameSnapshot } from "../values/snapshotPath";

/** How often Flink's statistics are asked whether they have a new savepoint. */
const POLL_MS = 100;

/** A Flink cluster as a Savepoint sees it. */
export class SavepointCluster extends ClusterJobs {
  constructor(
    /** For people. */
    readonly name: string,
    client: FlinkClient,
  ) {
    super(client, clockUntil(interrupted()));
  }

  static open({ endpoint, credentialsUsed }: ResolvedEndpoint): SavepointCluster {
    const client = new FlinkClient(connectionOf(endpoint), {
      credentialsUsed,
      beforeMutation: engineFence(),
      giveUp: outOfTime(),
    });
    return new SavepointCluster(identityOf(endpoint).name, client);
  }

  close(): Promise<void> {
    return this.client.close();
  }

  async trigger(jobId: string, request: SavepointRequest): Promise<void> {
    // A job that is gone shows in the trigger's result, which is asked for next.
    await unlessMissing(() => this.client.triggerSavepoint(jobId, request));
  }

  /** What Flink's statistics say of a savepoint that was just completed; undefined: nothing, until its caches are new. */
  async statisticsOf(jobId: string, path: string): Promise<Snapshot | undefined> {
    const until = this.clock.now() + (await this.cacheMs()) + POLL_MS;
    for (;;) {
      const { latest, history = [] } = (await unlessMissing(() => this.client.checkpoints(jobId))) ?? {};
      const found = [latest?.savepoint, ...history].find(
        (snapshot) => snapshot?.path !== undefined && isSameSnapshot(snapshot.path, path),
      );
      if (found !== undefined || this.clock.now() >= until) return found;
      await this.clock.sleep(POLL_MS);
    }
  }
}
