import * as pulumi from "@pulumi/pulumi";
import type { FlinkEndpoint } from "../../provider/resources/args";
import type { FlinkClusterArgs } from "./args";
import { ClusterObjects } from "./clusterObjects";
import { filesOf, templatesOf } from "./content";
import { makeIncarnation } from "./incarnation";
import { registerCluster, slotsOf } from "./registration";
import { settle } from "./settle";

/** What a cluster component gives. */
export interface ClusterOutputs {
  readonly endpoint: pulumi.Output<FlinkEndpoint>;
  readonly flinkVersion: pulumi.Output<string>;
  readonly slots: pulumi.Output<number>;
  readonly namespace: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;
}

/**
 * Makes all that a Flink cluster on Kubernetes consists of.
 *
 * @param type - the component's, for people.
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
  const incarnation = makeIncarnation(name, args, settled, child);
  const { madeAs, clusterId } = incarnation;
  const at = pulumi
    .all([madeAs, clusterId, spec, args.namespace])
    .apply(([label, id, { labels, annotations }, namespace]) => ({
      name: label,
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
    .all([madeAs, clusterId, configMapName, secretName, serviceAccount])
    .apply(([label, id, configMap, storageSecret, account]) => ({
      name: label,
      clusterId: id,
      configMap,
      storageSecret,
      serviceAccount: account,
    }));
  const templates = pulumi
    .all([spec, settled.parts, references])
    .apply(([known, parts, names]) => templatesOf(known, parts, names));
  make.deployments(spec, templates);
  make.ingress();

  const registration = registerCluster(
    component,
    { name, args, settled, incarnation, rest, templates },
    { ...child, dependsOn: make.made },
  );
  return {
    endpoint: registration.endpoint,
    flinkVersion: registration.runningVersion,
    slots: spec.apply(slotsOf),
    namespace: rest.metadata.namespace,
    serviceName: rest.metadata.name,
  };
}
