import { PulumiFlinkError } from "../../../provider/errors";
import type { ClusterPort } from "../../../provider/lifecycle/ports";

/** The process is dead: nothing of it may be seen any more. */
export class KillSignal extends Error {}

/** The cluster did not answer. */
export class SimulatedUnreachable extends PulumiFlinkError {
  readonly code = "FLINK_CLUSTER_UNREACHABLE";
}

/** What befalls one process that calls Flink. */
export interface Fault {
  /**
   * killed: the process ends. cutOff: the cluster never answers it again. lost: one request or answer is lost.
   * interrupted: the engine asks it to stop.
   */
  readonly kind: "killed" | "cutOff" | "lost" | "interrupted";
  /** At which call of a port, counted from 1. */
  readonly call: number;
  /** Before the call takes effect, or after it did and before its answer arrives. */
  readonly when: "before" | "after";
}

/** One process: it counts its calls, and a fault befalls one of them. */
export class FaultyProcess {
  calls = 0;
  private hit = false;

  constructor(private readonly fault?: Fault) {}

  get wasHit(): boolean {
    return this.hit;
  }

  readonly interrupted = (): boolean => this.hit && this.fault?.kind === "interrupted";

  /** The cluster as this process reaches it. */
  reach(cluster: ClusterPort): ClusterPort {
    const through = async <T>(call: () => Promise<T>): Promise<T> => {
      const { fault } = this;
      if (fault === undefined) return call();
      if (this.hit && fault.kind !== "lost") this.suffer(fault, "at once");
      this.calls += 1;
      const now = this.calls === fault.call;
      if (now) this.hit = true;
      if (now && fault.when === "before") this.suffer(fault, "before");
      const result = await call();
      if (now && fault.when === "after") this.suffer(fault, "after");
      return result;
    };
    return {
      identity: cluster.identity,
      observe: (withMachines) => through(() => cluster.observe(withMachines)),
      observeJob: (jobId) => through(() => cluster.observeJob(jobId)),
      progress: (jobId) => through(() => cluster.progress(jobId)),
      keepsEnd: (jobId) => through(() => cluster.keepsEnd(jobId)),
      health: (jobId) => through(() => cluster.health(jobId)),
      failureOf: (jobId) => through(() => cluster.failureOf(jobId)),
      stop: (jobId, options) => through(() => cluster.stop(jobId, options)),
      stopResult: (jobId, triggerId) => through(() => cluster.stopResult(jobId, triggerId)),
      cancel: (jobId) => through(() => cluster.cancel(jobId)),
      upload: (upload, onProgress) => through(() => cluster.upload(upload, onProgress)),
      submit: (submission) => through(() => cluster.submit(submission)),
      removeArtifacts: (keep) => through(() => cluster.removeArtifacts(keep)),
      neededSnapshots: () => through(() => cluster.neededSnapshots()),
      beginDisposal: (path) => through(() => cluster.beginDisposal(path)),
      disposalResult: (disposalId) => through(() => cluster.disposalResult(disposalId)),
    };
  }

  private suffer(fault: Fault, when: string): void {
    switch (fault.kind) {
      case "killed":
        throw new KillSignal();
      case "cutOff":
      case "lost":
        throw new SimulatedUnreachable(`no answer (${when})`);
      case "interrupted":
        // The call itself goes through: it is the next one that must not be made.
        return;
    }
  }
}
