import * as pulumi from "@pulumi/pulumi";
import type { FlinkEndpoint } from "../../provider/resources/args";
import { ClusterRegistration } from "../../provider/resources/clusterRegistration";
import { fingerprintOf } from "../../provider/resources/fingerprint";
import { Identity } from "../../provider/resources/identity";
import { canonicalJson } from "../../provider/values/canonicalJson";
import { UNKNOWN_VALUE } from "../../provider/values/unknown";
import { accessOf } from "./access";
import type { FlinkClusterArgs } from "./args";
import { checkCluster, podPartsOf, specOf, type ClusterCheck } from "./check";
import { configurationFile, settingsOf, type FlatConfiguration } from "./configuration";
import { InvalidClusterError } from "./errors";
import { log4jProperties } from "./logging";
import { ClusterObjects } from "./clusterObjects";
import { clusterIdOf, ROLES, type Role } from "./names";
import { replicasOf } from "./objects";
import { podTemplateOf, type PodReferences } from "./pods";
import { commonArgs, knownNow, storageKeys } from "./settle";
import type { ClusterSpec, PodParts } from "./spec";
import { directoriesOf } from "./storage";
import type { JsonObject } from "./strategicMerge";

/** What a cluster component gives. */
export interface ClusterOutputs {
  readonly endpoint: pulumi.Output<FlinkEndpoint>;
  readonly flinkVersion: pulumi.Output<string>;
  readonly slots: pulumi.Output<number>;
  readonly namespace: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;
}

/** The arguments once they are known, each group apart, so that a secret in one makes nothing else a secret. */
interface Settled {
  readonly spec: pulumi.Output<ClusterSpec>;
  readonly user: pulumi.Output<FlatConfiguration>;
  readonly parts: pulumi.Output<PodParts>;
  /** What the keys of the storage hash to; undefined: there are none. */
  readonly keysHash: pulumi.Output<string> | undefined;
}

/**
 * Makes all that a Flink cluster on Kubernetes consists of.
 *
 * @param type the component's, for people.
 * @throws InvalidClusterError
 */
export function makeCluster(
  component: pulumi.ComponentResource,
  type: string,
  name: string,
  args: FlinkClusterArgs,
  opts: pulumi.ComponentResourceOptions = {},
): ClusterOutputs {
  const settled = settle(component, type, name, args);
  const { spec } = settled;
  const child: pulumi.CustomResourceOptions = {
    parent: component,
    ...(opts.dependsOn && { dependsOn: opts.dependsOn }),
  };
  const identity = new Identity(
    `${name}-identity`,
    {
      keepers: keepersOf(args, settled),
      growing: { numberOfTaskManagers: spec.apply((known) => known.numberOfTaskManagers) },
      pinned: spec.apply(({ rollout }) => rollout === "IN_PLACE"),
      madeAs: name,
    },
    child,
  );
  // A component that is renamed by an alias keeps its pods, and what its high availability knows them by.
  const label = identity.madeAs.apply((madeAs = name) => madeAs);
  const clusterId = pulumi.all([label, identity.uid]).apply(([madeAs, uid]) => clusterIdOf(madeAs, uid));
  const at = pulumi
    .all([label, clusterId, spec, args.namespace])
    .apply(([madeAs, id, { labels, annotations }, namespace]) => ({
      name: madeAs,
      clusterId: id,
      namespace,
      labels,
      annotations,
    }));
  const files = pulumi
    .all([spec, settled.user, clusterId])
    .apply(([known, settings, id]) => filesOf(known, settings, id));

  // Pods come last, when all that guards and feeds them is there.
  const make = new ClusterObjects(name, child, at, args);
  const secretName = settled.keysHash && make.storageSecret(settled.keysHash);
  const configMapName = make.configMap(files);
  const rest = make.services();
  const serviceAccount = make.account(spec, rest.metadata.namespace);
  make.networkPolicy();
  make.disruptionBudgets();

  const references = pulumi
    .all([label, clusterId, configMapName, secretName, serviceAccount])
    .apply(([madeAs, id, configMap, storageSecret, account]) => ({
      name: madeAs,
      clusterId: id,
      configMap,
      storageSecret,
      serviceAccount: account,
    }));
  const templates = pulumi
    .all([spec, settled.parts, references])
    .apply(([known, parts, at]) => templatesOf(known, parts, at));
  make.deployments(spec, templates);
  make.ingress();

  const slots = spec.apply((known) => known.numberOfTaskManagers * known.slotsPerTaskManager);
  const access = accessOf(component, args.kubernetes);
  const registration = new ClusterRegistration(
    `${name}-registration`,
    {
      endpoint: {
        kubernetes: {
          namespace: rest.metadata.namespace,
          service: rest.metadata.name,
          scheme: pulumi.unsecret(settled.user.apply(schemeOf)),
          via: args.kubernetes?.via,
          kubeconfig: access.kubeconfig,
          context: access.context,
          cluster: clusterId,
        },
        fingerprint: identity.epoch,
        incarnation: identity.uid,
      },
      clusterName: name,
      taskManagers: spec.apply((known) => known.numberOfTaskManagers),
      slots,
      rolloutOf: pulumi.unsecret(
        pulumi
          .all([templates, spec])
          .apply(([both, known]) => fingerprintOf({ both, replicas: ROLES.map((role) => replicasOf(known, role)) })),
      ),
      highAvailabilityDirectory: pulumi
        .all([spec, clusterId])
        .apply(([known, id]) => highAvailabilityDirectoryOf(known, id)),
      clusterReadyTimeout: args.clusterReadyTimeout,
      forceCancellationOf: args.forceCancellationOf,
    },
    { ...child, dependsOn: make.made },
  );
  return {
    endpoint: registration.endpoint,
    flinkVersion: registration.runningVersion,
    slots,
    namespace: rest.metadata.namespace,
    serviceName: rest.metadata.name,
  };
}

function settle(component: pulumi.ComponentResource, type: string, name: string, args: FlinkClusterArgs): Settled {
  const accept = (check: ClusterCheck) => {
    if (check.failures.length > 0) throw new InvalidClusterError(type, name, check.failures);
    return check.args;
  };
  // All that is wrong with what is known at once; outputs are looked at when they are known.
  accept(checkCluster(name, knownNow(args) as object));
  const part = (known: object) =>
    accept(
      checkCluster(name, {
        flinkVersion: UNKNOWN_VALUE,
        ...(args.storage && { storage: { uri: UNKNOWN_VALUE } }),
        ...known,
      }),
    );
  const { podTemplate, jobManagerPodTemplate, taskManagerPodTemplate, envVars, envFrom } = args.kubernetes ?? {};
  const keys = storageKeys(args);
  return {
    spec: commonArgs(args).apply((known) => {
      const check = checkCluster(name, known);
      for (const warning of check.warnings) void pulumi.log.warn(warning, component);
      return specOf(accept(check));
    }),
    user: pulumi
      .all([args.flinkConfiguration, args.flinkVersion])
      .apply(([flinkConfiguration, flinkVersion]) => part({ flinkConfiguration, flinkVersion }).flinkConfiguration),
    parts: pulumi
      .output({ podTemplate, jobManagerPodTemplate, taskManagerPodTemplate, envVars, envFrom } as object)
      .apply((kubernetes) => podPartsOf(part({ kubernetes }))),
    keysHash: keys && pulumi.unsecret(pulumi.output(keys).apply((known) => fingerprintOf({ keys: known }))),
  };
}

/** What another incarnation of the cluster is made for. Readable, so that a preview shows why. */
function keepersOf(args: FlinkClusterArgs, { spec, user, parts, keysHash }: Settled) {
  const of = (read: (known: ClusterSpec) => string) => spec.apply(read);
  const own = Object.entries(args.keepers ?? {}).map(([keeper, value]) => [`keepers.${keeper}`, value]);
  return {
    ...(Object.fromEntries(own) as NonNullable<FlinkClusterArgs["keepers"]>),
    flinkVersion: of((known) => known.flinkVersion),
    image: of((known) => known.image),
    resources: of(({ jobManager: { replicas, ...jobManager }, taskManager }) =>
      canonicalJson({ jobManager, taskManager }),
    ),
    slotsPerTaskManager: of((known) => String(known.slotsPerTaskManager)),
    flinkConfiguration: user.apply(canonicalJson),
    storage: of((known) => canonicalJson(known.storage ?? {})),
    highAvailability: of((known) => String(known.highAvailability)),
    namespace: pulumi.output(args.namespace).apply((namespace) => namespace ?? ""),
    // All that pods are made of, whatever it comes from: pods that change under the same incarnation would lose jobs.
    pods: pulumi.all([spec, user, parts, keysHash]).apply(([known, settings, podParts, hash]) => {
      const at = {
        name: "",
        clusterId: "",
        configMap: "",
        storageSecret: hash,
        serviceAccount: known.serviceAccountName ?? "",
      };
      return fingerprintOf({ templates: templatesOf(known, podParts, at), files: filesOf(known, settings, "") });
    }),
  };
}

function templatesOf(spec: ClusterSpec, parts: PodParts, at: PodReferences): Record<Role, JsonObject> {
  const of = (role: Role) => podTemplateOf(spec, role, parts, at);
  return { jobmanager: of("jobmanager"), taskmanager: of("taskmanager") };
}

/** The files in the folder of Flink's configuration. */
function filesOf(spec: ClusterSpec, user: FlatConfiguration, clusterId: string): Record<string, string> {
  const { name, text } = configurationFile(spec.flinkVersion, settingsOf(spec, clusterId, user));
  return { [name]: text, "log4j-console.properties": log4jProperties(spec.logging) };
}

/** Flink makes a folder of each cluster's id. */
function highAvailabilityDirectoryOf(
  { storage, highAvailability }: ClusterSpec,
  clusterId: string,
): string | undefined {
  return highAvailability && storage !== undefined
    ? `${directoriesOf(storage).highAvailability}/${clusterId}`
    : undefined;
}

function schemeOf(user: FlatConfiguration): "http" | "https" {
  return user["security.ssl.rest.enabled"] === "true" ? "https" : "http";
}
