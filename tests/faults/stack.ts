import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { DeploymentOutputs } from "../../provider/deployment/outputs";
import { jobIdPrefix } from "../../provider/lifecycle/ids";
import { countingDeploymentArguments } from "../rig/deploymentScene";
import { ManagedResource } from "../rig/managedResource";
import type { ProviderProcess } from "../rig/providerProcess";
import type { Lab, Pair } from "./lab";
import type { ClusterName } from "./roles";
import type { Program } from "./transitions";
import { Wire } from "./wire";

const CLUSTERS: readonly ClusterName[] = ["A", "B"];
const STACK_URN = "urn:pulumi:dev::faults::pulumi-nodejs:dynamic/flink";

/** A resource of a case, and what it says to the clusters. */
interface Actor {
  readonly name: string;
  readonly wire: Wire;
  readonly resource: ManagedResource;
}

/** A FlinkDeployment of the counting job. */
export interface DeploymentActor extends Actor {
  readonly prefix: string;
  /** The folder of its job's lines. */
  readonly output: string;
}

/** The registration of a session cluster. */
interface RegistrationActor extends Actor {
  readonly cluster: ClusterName;
}

/** One stack of a user: deployments, and with more than one also the session clusters' registrations. */
export class CaseStack {
  private readonly named = new Map<string, ClusterName>();

  private constructor(
    private readonly lab: Lab,
    readonly pair: Pair,
    readonly deployments: readonly DeploymentActor[],
    private readonly registrations: readonly RegistrationActor[],
    private readonly incarnation: string,
  ) {}

  static async open(lab: Lab, pair: Pair, deployments: number): Promise<CaseStack> {
    const incarnation = randomBytes(8).toString("hex");
    const names = Array.from({ length: deployments }, (_, index) => `job${index + 1}`);
    const actors = await Promise.all(names.map((name) => openDeployment(lab, pair, name)));
    const registered = deployments > 1 ? CLUSTERS : [];
    const registrations = await Promise.all(
      registered.map((cluster) => openRegistration(lab, pair, cluster, incarnation)),
    );
    return new CaseStack(lab, pair, actors, registrations, incarnation);
  }

  get actors(): readonly Actor[] {
    return [...this.deployments, ...this.registrations];
  }

  actor(name: string): Actor {
    const found = this.actors.find((actor) => actor.name === name);
    if (found === undefined) throw new Error(`no resource ${name} in this case`);
    return found;
  }

  /**
   * The update phase of `pulumi up`, in the engine's order: the cluster's registration, the deployments at once, and
   * once all is well the registration that the program has no more. Whether anything was done.
   */
  async up(host: ProviderProcess, program: Program): Promise<boolean> {
    let acted = false;
    for (const { resource, wire, cluster } of this.registrations.filter(({ cluster }) => cluster === program.on)) {
      acted = (await resource.up(host, this.registration(cluster, wire))) || acted;
    }
    const outcomes = await Promise.allSettled(
      this.deployments.map(({ resource, wire, output, name }) =>
        resource.up(host, this.deployment(program, wire, output, name)),
      ),
    );
    for (const actor of this.deployments) this.note(actor);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") throw outcome.reason;
      acted ||= outcome.value;
    }
    for (const { resource } of this.registrations.filter(({ cluster }) => cluster !== program.on)) {
      acted ||= resource.exists;
      await resource.destroy(host);
    }
    return acted;
  }

  async refresh(host: ProviderProcess): Promise<void> {
    await Promise.all(this.actors.map(({ resource }) => resource.refresh(host)));
  }

  async destroy(host: ProviderProcess): Promise<void> {
    const outcomes = await Promise.allSettled(this.deployments.map(({ resource }) => resource.destroy(host)));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    for (const { resource } of this.registrations) await resource.destroy(host);
  }

  /** The cluster that Pulumi's state names, or named last: what it never named nobody can tidy up. */
  namedCluster({ name }: DeploymentActor): ClusterName | undefined {
    return this.named.get(name);
  }

  private note({ name, wire, resource }: DeploymentActor): void {
    if (!resource.exists) return;
    const { url } = resource.outputs["cluster"] as { url: string };
    const cluster = CLUSTERS.find((each) => wire.url(each) === url);
    if (cluster !== undefined) this.named.set(name, cluster);
  }

  /** The completed savepoints that a deployment's jobs have left on either cluster. */
  savepoints({ prefix }: DeploymentActor): string[] {
    return CLUSTERS.flatMap((cluster) => {
      const folder = path.join(this.pair[cluster].directory, "savepoints");
      const names = list(folder).filter((name) => name.startsWith(`savepoint-${prefix.slice(0, 6)}-`));
      return names.map((name) => path.join(folder, name)).filter((savepoint) => list(savepoint).includes("_metadata"));
    });
  }

  /** The newest completed snapshot that a deployment's jobs have left on either cluster, checkpoints included. */
  newestSnapshot(actor: DeploymentActor): string | undefined {
    const checkpoints = CLUSTERS.flatMap((cluster) => {
      const base = path.join(this.pair[cluster].directory, "checkpoints");
      const jobs = list(base).filter((jobId) => jobId.startsWith(actor.prefix));
      return jobs.flatMap((jobId) => list(path.join(base, jobId)).map((name) => path.join(base, jobId, name)));
    });
    const complete = checkpoints.filter((checkpoint) => list(checkpoint).includes("_metadata"));
    const timed = [...complete, ...this.savepoints(actor)].map((snapshot) => ({
      snapshot,
      time: statSync(path.join(snapshot, "_metadata")).mtimeMs,
    }));
    const newest = timed.sort((a, b) => b.time - a.time)[0];
    return newest === undefined ? undefined : pathToFileURL(newest.snapshot).href;
  }

  /** The lines on the row of a resource so far. */
  lines({ resource }: Actor): string[] {
    return this.lab.engine.lines
      .filter(({ urn, ephemeral }) => urn === resource.urn && !ephemeral)
      .map(({ message }) => message);
  }

  async close(): Promise<void> {
    await Promise.all(this.actors.map(({ wire }) => wire.close()));
  }

  private deployment(program: Program, wire: Wire, output: string, name: string): Record<string, unknown> {
    const url = wire.url(program.on);
    const actor = this.actor(name);
    const main = { ...program.main, failSavepointsWhile: declinesFile(output) };
    const args = countingDeploymentArguments({ jar: this.lab.jar, url, output }, main, {
      jobSubmissionTimeout: "8 s",
      ...program.others,
      ...(program.startFrom === undefined
        ? {}
        : { initialSavepointPath: program.startFrom.get(name), savepointRedeployNonce: 1 }),
      ...(this.registrations.length === 0 ? {} : { cluster: { url, fingerprint: this.fingerprint(program.on, name) } }),
    });
    return { ...args, uid: uidOf(actor), resourceUrn: actor.resource.urn };
  }

  private registration(cluster: ClusterName, wire: Wire): Record<string, unknown> {
    const name = `registration of ${cluster}`;
    const fingerprint = this.fingerprint(cluster, name);
    const endpoint = { url: wire.url(cluster), fingerprint, incarnation: this.incarnation };
    const { urn: resourceUrn } = this.actor(name).resource;
    return { endpoint, clusterName: cluster, taskManagers: 1, slots: 2, resourceUrn };
  }

  /** One for each resource: a process uses the newest address of a fingerprint, and here each resource has its own. */
  private fingerprint(cluster: ClusterName, name: string): string {
    return `${cluster}-${this.incarnation}-${name}`;
  }
}

/** The uid is in the URN, which is as unique. */
function uidOf({ resource }: Actor): string {
  return resource.urn.slice(resource.urn.lastIndexOf("-") + 1);
}

const prefixes = new Set<string>();

/** Flink names a savepoint after the first six digits of its job: no two deployments of a run share them. */
function uniqueUid(): string {
  for (;;) {
    const uid = randomBytes(16).toString("hex");
    const short = jobIdPrefix(uid).slice(0, 6);
    if (prefixes.has(short)) continue;
    prefixes.add(short);
    return uid;
  }
}

async function openDeployment(lab: Lab, pair: Pair, name: string): Promise<DeploymentActor> {
  const uid = uniqueUid();
  const wire = await Wire.open(pair);
  const urn = `${STACK_URN}:FlinkDeployment::${name}-${uid}`;
  const resource = new ManagedResource(urn, lab.providers.deployment, (hook) => wire.enter(hook));
  return { name, wire, resource, prefix: jobIdPrefix(uid), output: path.join(pair.A.directory, `counts-${uid}`) };
}

async function openRegistration(
  lab: Lab,
  pair: Pair,
  cluster: ClusterName,
  incarnation: string,
): Promise<RegistrationActor> {
  const wire = await Wire.open(pair);
  const urn = `${STACK_URN}:ClusterRegistration::${cluster}-${incarnation}`;
  const resource = new ManagedResource(urn, lab.providers.registration, (hook) => wire.enter(hook));
  return { name: `registration of ${cluster}`, wire, resource, cluster };
}

/** While this file exists, the jobs that write here decline every savepoint, and fail. */
export function declinesFile(output: string): string {
  return `${output}.declines`;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A deployment's outputs in Pulumi's state. */
export function outputsOf({ resource }: DeploymentActor): DeploymentOutputs {
  return resource.outputs as unknown as DeploymentOutputs;
}
