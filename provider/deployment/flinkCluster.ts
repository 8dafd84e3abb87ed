import { parseUploadName, uploadName } from "../values/uploadName";
import { withNewestNames } from "../values/flinkKeys";
import { EVERY_DEPLOYMENT } from "../values/imageJar";
import type { FlinkClient } from "../flink/client";
import { DuplicateJobError, JobSubmissionError, RequestRejectedError } from "../flink/errors";
import type { UploadedJar } from "../flink/model";
import { jobIdPrefix } from "../lifecycle/ids";
import { RETAIN, RETENTION_KEY } from "../lifecycle/jobSpec";
import type { ClusterIdentity } from "../lifecycle/model";
import type { ClusterObservation, ObservedJob } from "../lifecycle/observation";
import type { Clock, ClusterPort, Submission, SubmitResult, Upload } from "../lifecycle/ports";
import { clusterFacts, isElastic, machinesOf } from "./clusterFacts";
import { FlinkJobs } from "./flinkJobs";
import { unlessMissing, unlessUnreadable } from "./tolerated";
import type { LostJobs } from "./lostJobs";

/** How often a submission that is not answered yet is told of. */
const WAITING_MS = 2_000;

/** Whose view it is, and how long that waits. */
interface DeploymentView {
  readonly uid: string;
  readonly clock: Clock;
  /** Ends an upload, which does nothing that is missed. */
  readonly interrupted: AbortSignal;
}

/** One deployment's view of a Flink cluster over its REST API. */
export class FlinkCluster extends FlinkJobs implements ClusterPort {
  constructor(
    readonly identity: ClusterIdentity,
    client: FlinkClient,
    private readonly view: DeploymentView,
    private readonly findLost?: LostJobs,
  ) {
    super(client, view);
  }

  async observe(withMachines = false): Promise<ClusterObservation> {
    const [overview, summaries, configuration, jars, hosts] = await Promise.all([
      this.client.overview(),
      this.client.jobs(),
      this.client.clusterConfiguration(),
      this.jars(),
      withMachines ? unlessUnreadable(() => this.client.taskManagerHosts()) : undefined,
    ]);
    return {
      kind: "reachable",
      flinkVersion: overview.flinkVersion,
      slots: { total: overview.slotsTotal, free: overview.slotsAvailable, elastic: isElastic(configuration) },
      jobs: await this.withLost(await this.own(summaries)),
      ...clusterFacts(configuration, this.findLost !== undefined),
      ...(hosts === undefined ? {} : { machines: machinesOf(configuration, hosts) }),
      heldArtifacts: jars.own.map(({ sha256 }) => sha256),
      imageArtifacts: jars.ofImage.map(({ sha256 }) => sha256),
    };
  }

  /** As after a restart without high availability: what the JobManager forgot is known all the same. */
  private async withLost(shown: ObservedJob[]): Promise<ObservedJob[]> {
    const lost = (await this.findLost?.(shown)) ?? [];
    return [...shown, ...lost].sort((a, b) => (a.jobId < b.jobId ? 1 : -1));
  }

  lostJobs(): Promise<ObservedJob[]> {
    return this.withLost([]);
  }

  async stop(jobId: string, options: Parameters<ClusterPort["stop"]>[1]): Promise<void> {
    // A job that is gone shows in the trigger's result, which is asked for next.
    await unlessMissing(() => this.client.stopWithSavepoint(jobId, options));
  }

  async cancel(jobId: string): Promise<void> {
    await this.client.cancel(jobId);
  }

  async upload(upload: Upload, onProgress: (sentBytes: number, totalBytes: number) => void): Promise<void> {
    if ((await this.jarOf(upload.sha256)) !== undefined) return;
    const name = uploadName(jobIdPrefix(this.deployment.uid), upload.sha256, upload.fileName);
    await this.client.uploadJar(upload.path, name, onProgress, this.view.interrupted);
  }

  async submit(submission: Submission): Promise<SubmitResult> {
    const { spec } = submission;
    const jar = await this.jarOf(spec.artifactSha256);
    if (jar === undefined) return { kind: "rejected", reason: "the cluster does not hold the job's jar any more" };
    const began = Date.now();
    const waiting = setInterval(() => submission.onWaiting?.(Date.now() - began), WAITING_MS);
    try {
      await this.client.runJar(
        jar.id,
        {
          jobId: submission.jobId,
          entryClass: spec.entryClass,
          programArgs: [...spec.mainArgs],
          parallelism: spec.parallelism,
          savepointPath: submission.savepointPath,
          allowNonRestoredState: submission.allowNonRestoredState,
          claimMode: submission.savepointPath === undefined ? undefined : submission.claimMode,
          flinkConfiguration: { [RETENTION_KEY]: RETAIN, ...withNewestNames(spec.flinkConfiguration) },
        },
        submission.timeoutMs,
      );
      return { kind: "accepted" };
    } catch (error) {
      if (error instanceof DuplicateJobError) return { kind: "duplicate" };
      if (error instanceof JobSubmissionError || error instanceof RequestRejectedError) {
        return { kind: "rejected", reason: error.message };
      }
      throw error;
    } finally {
      clearInterval(waiting);
    }
  }

  async removeArtifacts(keepSha256: string | undefined): Promise<void> {
    const unused = (await this.jars()).own.filter(({ sha256 }) => sha256 !== keepSha256);
    await Promise.all(unused.map(({ id }) => this.client.deleteJar(id)));
  }

  private async jarOf(sha256: string): Promise<UploadedJar | undefined> {
    const { own, ofImage } = await this.jars();
    return [...own, ...ofImage].find((jar) => jar.sha256 === sha256);
  }

  /** What this deployment has uploaded, and what lies in the cluster's image for all. */
  private async jars(): Promise<Record<"own" | "ofImage", (UploadedJar & { sha256: string })[]>> {
    const all = await this.client.jars();
    const of = (prefix: string) =>
      all.flatMap((jar) => {
        const parts = parseUploadName(jar.name);
        return parts?.uidPrefix === prefix ? [{ ...jar, sha256: parts.sha256 }] : [];
      });
    return { own: of(jobIdPrefix(this.deployment.uid)), ofImage: of(EVERY_DEPLOYMENT) };
  }
}
