import { randomBytes } from "node:crypto";
import * as path from "node:path";
import { jobIdPrefix } from "../../provider/lifecycle/ids";
import { ManagedResource } from "../rig/managedResource";
import type { Properties, ProviderProcess } from "../rig/providerProcess";
import type { Driver } from "./driver";
import type { Lab, Pair } from "./lab";
import type { ClusterName } from "./roles";
import { CaseStack, CLUSTERS, deploymentArguments, type Actor, type DeploymentActor } from "./stack";
import type { Program } from "./transitions";
import { Wire } from "./wire";

const STACK_URN = "urn:pulumi:dev::faults::pulumi-nodejs:dynamic/flink";

interface HostedDeployment extends DeploymentActor {
  readonly resource: ManagedResource;
  /** What keeps, beside it, which clusters it was asked to be on. */
  readonly asked: ManagedResource;
  readonly uid: string;
}

/** The registration of a session cluster. */
interface HostedRegistration extends Actor {
  readonly resource: ManagedResource;
  readonly cluster: ClusterName;
}

/**
 * A stack whose resources live in Pulumi's own host for dynamic providers, spoken to as the engine does.
 *
 * @param killable - one of its operations is to be killed.
 */
export async function openHosted(lab: Lab, pair: Pair, deployments: number, killable: boolean): Promise<CaseStack> {
  // Starts while the job is made.
  const victim = killable ? lab.freshHost() : undefined;
  const incarnation = randomBytes(8).toString("hex");
  const names = Array.from({ length: deployments }, (_, index) => `job${index + 1}`);
  const actors = await Promise.all(names.map((name) => openDeployment(lab, pair, name)));
  const registered = deployments > 1 ? CLUSTERS : [];
  const registrations = await Promise.all(
    registered.map((cluster) => openRegistration(lab, pair, cluster, incarnation)),
  );
  const driver = new HostedDriver(lab, actors, registrations, incarnation, victim);
  return new CaseStack(pair, driver, actors, registrations);
}

class HostedDriver implements Driver {
  constructor(
    private readonly lab: Lab,
    private readonly deployments: readonly HostedDeployment[],
    private readonly registrations: readonly HostedRegistration[],
    private readonly incarnation: string,
    private readonly victim: Promise<ProviderProcess> | undefined,
  ) {}

  /** In the engine's order: the cluster's registration, the deployments at once, and then the old registration. */
  async up(program: Program, killable: boolean): Promise<boolean> {
    const host = await this.host(killable);
    let acted = false;
    for (const actor of this.registrations.filter(({ cluster }) => cluster === program.on)) {
      acted = (await actor.resource.up(host, this.registration(actor))) || acted;
    }
    const outcomes = await Promise.allSettled(
      this.deployments.map(async (actor) => {
        const asked = await actor.asked.up(host, this.askedClusters(program, actor));
        return (await actor.resource.up(host, this.deployment(program, actor))) || asked;
      }),
    );
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

  async refresh(): Promise<void> {
    const host = await this.host(false);
    await Promise.all([...this.deployments, ...this.registrations].map(({ resource }) => resource.refresh(host)));
  }

  async destroy(killable: boolean): Promise<void> {
    const host = await this.host(killable);
    const outcomes = await Promise.allSettled(
      this.deployments.map(async ({ resource, asked }) => {
        await resource.destroy(host);
        await asked.destroy(host);
      }),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    for (const { resource } of this.registrations) await resource.destroy(host);
  }

  async kill(): Promise<void> {
    await (await this.victim)?.kill();
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  lines(resourceUrn: string): string[] {
    return this.lab.engine.lines
      .filter(({ urn, ephemeral }) => urn === resourceUrn && !ephemeral)
      .map(({ message }) => message);
  }

  close(): Promise<void> {
    return this.kill();
  }

  private host(killable: boolean): Promise<ProviderProcess> {
    return (killable ? this.victim : undefined) ?? this.lab.sharedHost();
  }

  private deployment(program: Program, actor: HostedDeployment): Properties {
    const { wire, output, name, uid, resource, asked } = actor;
    return {
      ...deploymentArguments({ name, jar: this.lab.jar, url: wire.url(program.on), output }, program),
      cluster: this.endpoint(program, actor),
      askedClusters: asked.outputs["clusters"],
      uid,
      resourceUrn: resource.urn,
      isDryRun: false,
    };
  }

  private askedClusters(program: Program, actor: HostedDeployment): Properties {
    return { cluster: this.endpoint(program, actor), uid: actor.uid, resourceUrn: actor.asked.urn };
  }

  private endpoint({ on }: Program, { wire, name }: HostedDeployment): Properties {
    const url = wire.url(on);
    return this.registrations.length === 0 ? { url } : { url, fingerprint: this.fingerprint(on, name) };
  }

  private registration({ cluster, name, wire, resource }: HostedRegistration): Properties {
    const fingerprint = this.fingerprint(cluster, name);
    const endpoint = { url: wire.url(cluster), fingerprint, incarnation: this.incarnation };
    return { endpoint, clusterName: cluster, taskManagers: 1, slots: 2, resourceUrn: resource.urn, isDryRun: false };
  }

  /** One for each resource: a process uses the newest address of a fingerprint, and here each resource has its own. */
  private fingerprint(cluster: ClusterName, name: string): string {
    return `${cluster}-${this.incarnation}-${name}`;
  }
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

async function openDeployment(lab: Lab, pair: Pair, name: string): Promise<HostedDeployment> {
  const uid = uniqueUid();
  const wire = await Wire.open(pair);
  const urn = `${STACK_URN}:FlinkDeployment::${name}-${uid}`;
  const resource = new ManagedResource(urn, lab.providers.deployment, (hook) => wire.enter(hook));
  const askedUrn = `${STACK_URN}:AskedClusters::${name}-${uid}-clusters`;
  const asked = new ManagedResource(askedUrn, lab.providers.askedClusters);
  return {
    name,
    wire,
    resource,
    asked,
    uid,
    prefix: jobIdPrefix(uid),
    output: path.join(pair.A.directory, `counts-${uid}`),
  };
}

async function openRegistration(
  lab: Lab,
  pair: Pair,
  cluster: ClusterName,
  incarnation: string,
): Promise<HostedRegistration> {
  const wire = await Wire.open(pair);
  const urn = `${STACK_URN}:ClusterRegistration::${cluster}-${incarnation}`;
  const resource = new ManagedResource(urn, lab.providers.registration, (hook) => wire.enter(hook));
  return { name: `registration of ${cluster}`, wire, resource, cluster };
}
