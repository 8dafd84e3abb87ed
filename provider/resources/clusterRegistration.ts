import * as pulumi from "@pulumi/pulumi";
import type * as hooks from "../hooks/clusterRegistration";
import type { RegistrationInputs, RegistrationOutputs } from "../registration/inputs";
import type { Duration, FlinkEndpoint, InputsOf } from "./args";
import { endpointInputs } from "./endpointInputs";
import { ownUrn } from "./ownUrn";

/** Arguments of {@link ClusterRegistration}. */
export interface ClusterRegistrationArgs {
  /** With fingerprint and incarnation. Its address is to come from the cluster's workloads, so that it is made after them. */
  endpoint: pulumi.Input<InputsOf<FlinkEndpoint>>;
  /** For people. */
  clusterName: pulumi.Input<string>;
  /** How many TaskManagers must be registered. */
  taskManagers: pulumi.Input<number>;
  /** How many slots they must have together. */
  slots: pulumi.Input<number>;
  /** Default: `"5 min"`. */
  clusterReadyTimeout?: pulumi.Input<Duration>;
  /**
   * Stands for the cluster's pods as they shall be, a hash of their templates: when it alone changes, the update waits
   * until all pods are new and all slots are there. Default: nothing is waited for but slots.
   */
  rolloutOf?: pulumi.Input<string>;
  /**
   * Where the cluster's high availability keeps its files, which Flink removes when the cluster is deleted: said where
   * Flink does not answer any more. Default: nowhere.
   */
  highAvailabilityDirectory?: pulumi.Input<string | undefined>;
  /** Ids of jobs that may end with the cluster. Default: none. */
  forceCancellationOf?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Found from the project's folder, so that this package's own repository can be a project too. */
function loadHooks(): typeof hooks {
  const load = process.getBuiltinModule("node:module").createRequire(`${process.cwd()}/`);
  return load("pulumi-flink/hooks/clusterRegistration") as typeof hooks;
}

/** What Pulumi's state holds of the provider: calls by name, so that it never changes with the library. */
const provider: pulumi.dynamic.ResourceProvider<RegistrationInputs, RegistrationOutputs> = {
  configure: (request) => loadHooks().configure(request),
  check: (olds, news) => loadHooks().check(olds, news),
  diff: (id, olds, news) => loadHooks().diff(id, olds, news),
  create: (inputs) => loadHooks().create(inputs),
  read: (id, props) => loadHooks().read(id, props),
  update: (id, olds, news) => loadHooks().update(id, olds, news),
  delete: (id, props) => loadHooks().delete(id, props),
};

const MODULE = "flink";
const TYPE = "ClusterRegistration";

/**
 * Stands between a cluster's workloads and the jobs on it: created when the cluster is ready for jobs, and not deleted
 * while any job runs there. Another cluster is another registration: the new one is created first.
 */
export class ClusterRegistration extends pulumi.dynamic.Resource {
  /** The endpoint of the cluster, once it is ready. */
  declare readonly endpoint: pulumi.Output<FlinkEndpoint>;
  /** The cluster's Flink version, as it says itself. */
  declare readonly runningVersion: pulumi.Output<string>;

  constructor(name: string, args: ClusterRegistrationArgs, opts: pulumi.CustomResourceOptions = {}) {
    super(
      provider,
      name,
      {
        ...args,
        endpoint: endpointInputs(args.endpoint),
        resourceUrn: ownUrn(name, TYPE, opts.parent),
        isDryRun: pulumi.runtime.isDryRun(),
        runningVersion: undefined,
      },
      opts,
      MODULE,
      TYPE,
    );
  }
}
