import assert from "node:assert/strict";
import { PulumiFlinkError } from "../../../provider/errors";
import type { ClusterIdentity, DeploymentRecord, Desired } from "../../../provider/lifecycle/model";
import { observe } from "../../../provider/lifecycle/observe";
import { clustersOf } from "../../../provider/lifecycle/placement";
import { plan } from "../../../provider/lifecycle/plan";
import { planDelete } from "../../../provider/lifecycle/planDelete";
import type { ClusterPort, Reporter } from "../../../provider/lifecycle/ports";
import { carryOut, TransitionInterrupted } from "../../../provider/lifecycle/transition";
import { desired, ELSEWHERE, HERE, OLD, THERE } from "./builders";
import { FaultyProcess, KillSignal, type Fault } from "./faults";
import { SimulatedCluster } from "./simulatedCluster";
import { HEALTHY, SimulatedWorld, type Behaviour } from "./simulatedWorld";

/** How one run ended, and the record that Pulumi would have in its state afterwards. */
export type Outcome =
  | { readonly kind: "reached"; readonly record: DeploymentRecord }
  | {
      readonly kind: "failed";
      readonly record: DeploymentRecord | undefined;
      readonly begun: boolean;
      readonly error: Error;
    }
  | { readonly kind: "killed"; readonly record: DeploymentRecord | undefined };

/** What a run that has failed says. */
export function failure(outcome: Outcome): { code: string; message: string } {
  assert.equal(outcome.kind, "failed");
  const error = outcome.kind === "failed" ? outcome.error : undefined;
  assert.ok(error instanceof PulumiFlinkError, String(error));
  return { code: error.code, message: error.message };
}

/** How one run is carried out. */
interface RunOptions {
  readonly fault?: Fault;
  readonly process?: FaultyProcess;
  /** A destroy. */
  readonly delete?: boolean;
  readonly interrupted?: () => boolean;
}

/** A world with clusters HERE, THERE and ELSEWHERE, and a deployment that is brought to one desired state after another. */
export class Stage {
  readonly world = new SimulatedWorld();
  readonly here = new SimulatedCluster(this.world, HERE);
  readonly there = new SimulatedCluster(this.world, THERE);
  readonly elsewhere = new SimulatedCluster(this.world, ELSEWHERE);
  record: DeploymentRecord | undefined;
  /** What was told, in order. */
  readonly told: string[] = [];

  /** Carries out one `up`, or one destroy, and keeps the record as Pulumi would. */
  async run(desired: Desired, options: RunOptions = {}): Promise<Outcome> {
    const outcome = await this.attempt(desired, options);
    this.record = outcome.record;
    return outcome;
  }

  /** The same, where nothing may go wrong. */
  async reach(desired: Desired): Promise<DeploymentRecord> {
    const outcome = await this.run(desired);
    if (outcome.kind === "reached") return outcome.record;
    throw outcome.kind === "failed" ? outcome.error : new Error("killed");
  }

  private async attempt(desired: Desired, options: RunOptions): Promise<Outcome> {
    const before = this.record;
    const process = options.process ?? new FaultyProcess(options.fault);
    const { current, target } = clustersOf(before, desired);
    const wanted = desired.cluster.kind === "known" ? (target ?? current) : undefined;
    const clusters = { current: this.port(process, current), target: this.port(process, wanted) };
    const { clock } = this.world;
    try {
      const record = await carryOut({
        record: before,
        desired,
        artifactName: "job.jar",
        clock,
        reporter: this.reporter,
        interrupted: () => process.interrupted() || (options.interrupted?.() ?? false),
        clusters,
        artifact: () => {
          const sha256 = desired.job.kind === "known" ? desired.job.spec.artifactSha256 : "";
          return Promise.resolve({ path: "/job.jar", fileName: "job.jar", sha256 });
        },
        observe: (record) =>
          observe(record, desired, clusters, clock, (port) => Promise.resolve(this.cluster(port.identity).gone)),
        plan: options.delete === true ? planDelete : plan,
      });
      return { kind: "reached", record };
    } catch (error) {
      if (!(error instanceof TransitionInterrupted)) throw error;
      if (error.cause instanceof KillSignal) return { kind: "killed", record: before };
      return { kind: "failed", record: error.begun ? error.record : before, begun: error.begun, error: error.cause };
    }
  }

  private cluster(identity: ClusterIdentity): SimulatedCluster {
    const found = [this.here, this.there, this.elsewhere].find((cluster) => cluster.identity.key === identity.key);
    if (found === undefined) throw new Error(`no cluster ${identity.name}`);
    return found;
  }

  private port(process: FaultyProcess, identity: ClusterIdentity | undefined): ClusterPort | undefined {
    return identity === undefined ? undefined : process.reach(this.cluster(identity));
  }

  private readonly reporter: Reporter = {
    progress: (text) => this.told.push(`… ${text}`),
    done: (text) => this.told.push(text),
    warn: (text) => this.told.push(`warning: ${text}`),
  };
}

/** A deployment that has run OLD for a while. */
export async function running(behaviour: Behaviour = HEALTHY): Promise<Stage> {
  const stage = new Stage();
  stage.world.behaviours.set(OLD.artifactSha256, [behaviour]);
  await stage.reach(desired());
  stage.world.clock.pass(5_000);
  return stage;
}
