import * as path from "node:path";
import type { DeploymentOutputs } from "../../provider/deployment/outputs";
import { countingDeploymentArguments, FlinkView } from "../rig/deploymentScene";
import type { Driver } from "./driver";
import type { Pair } from "./lab";
import type { ClusterName } from "./roles";
import { completedIn, list, newestOf, savepointsIn } from "./snapshots";
import type { Program } from "./transitions";
import type { Wire } from "./wire";

export const CLUSTERS: readonly ClusterName[] = ["A", "B"];

/** What Pulumi's state holds of a resource. */
interface StoredResource {
  readonly urn: string;
  readonly exists: boolean;
  /** Throws where there is none. */
  readonly outputs: Record<string, unknown>;
}

/** A resource of a case, and what it says to the clusters. */
export interface Actor {
  readonly name: string;
  readonly wire: Wire;
  readonly resource: StoredResource;
}

/** A FlinkDeployment of the counting job. */
export interface DeploymentActor extends Actor {
  /** What the id of each of its jobs begins with. */
  readonly prefix: string;
  /** The folder of its job's lines. */
  readonly output: string;
}

/** One stack of a user: deployments, and with more than one also the session clusters' registrations. */
export class CaseStack {
  constructor(
    readonly pair: Pair,
    readonly driver: Driver,
    readonly deployments: readonly DeploymentActor[],
    private readonly registrations: readonly Actor[],
  ) {}

  get actors(): readonly Actor[] {
    return [...this.deployments, ...this.registrations];
  }

  actor(name: string): Actor {
    const found = this.actors.find((actor) => actor.name === name);
    if (found === undefined) throw new Error(`no resource ${name} in this case`);
    return found;
  }

  /** The update phase of `pulumi up`; whether anything was done. Only what is `killable` may be killed. */
  up(program: Program, killable = false): Promise<boolean> {
    return this.driver.up(program, killable);
  }

  /** The completed savepoints that a deployment's jobs have left on either cluster. */
  savepoints({ prefix }: DeploymentActor): string[] {
    return this.folders("savepoints").flatMap((folder) => savepointsIn(folder, prefix));
  }

  /** The newest completed snapshot that a deployment's jobs have left on either cluster, checkpoints included. */
  newestSnapshot(actor: DeploymentActor): string | undefined {
    const jobs = this.folders("checkpoints").flatMap((folder) =>
      list(folder)
        .filter((jobId) => jobId.startsWith(actor.prefix))
        .map((jobId) => path.join(folder, jobId)),
    );
    return newestOf([...jobs.flatMap(completedIn), ...this.savepoints(actor)]);
  }

  private folders(name: string): string[] {
    return CLUSTERS.map((cluster) => path.join(this.pair[cluster].directory, name));
  }

  /** The lines on the row of a resource so far. */
  lines({ resource }: Actor): string[] {
    return this.driver.lines(resource.urn);
  }

  /** Whatever a case that failed has left running would take the slots of those after it. */
  async close(): Promise<void> {
    await this.driver.close();
    const left = CLUSTERS.flatMap((cluster) =>
      this.deployments.map(({ prefix }) => new FlinkView(this.pair[cluster].url).cancelAll(prefix)),
    );
    // A cluster that is down for good is replaced with all its jobs.
    await Promise.allSettled(left);
    await Promise.all(this.actors.map(({ wire }) => wire.close()));
  }
}

/** The arguments of a deployment, as the program says them. */
export function deploymentArguments(
  { name, ...own }: { readonly name: string; readonly jar: object; readonly url: string; readonly output: string },
  { main, others, startFrom }: Program,
): Record<string, unknown> {
  const snapshot = startFrom?.get(name);
  return countingDeploymentArguments(
    own,
    { ...main, failSavepointsWhile: declinesFile(own.output) },
    {
      jobSubmissionTimeout: "8 s",
      ...others,
      ...(snapshot === undefined ? {} : { initialSavepointPath: snapshot, savepointRedeployNonce: 1 }),
    },
  );
}

/** While this file exists, the jobs that write here decline every savepoint, and fail. */
export function declinesFile(output: string): string {
  return `${output}.declines`;
}

/** A deployment's outputs in Pulumi's state. */
export function outputsOf({ resource }: DeploymentActor): DeploymentOutputs {
  return resource.outputs as unknown as DeploymentOutputs;
}
