import * as pulumi from "@pulumi/pulumi";
import type * as hooks from "../hooks/askedClusters";
import { ownUrn } from "./ownUrn";

/** Arguments of {@link AskedClusters}. */
export interface AskedClustersArgs {
  /** The endpoint of the cluster that the deployment is to be on, field by field. Default: none is asked for. */
  cluster?: Record<string, pulumi.Input<unknown>>;
  /** The deployment's. */
  uid: pulumi.Input<string>;
}

/** Found from the project's folder, so that this package's own repository can be a project too. */
function loadHooks(): typeof hooks {
  const load = process.getBuiltinModule("node:module").createRequire(`${process.cwd()}/`);
  return load("pulumi-flink/hooks/askedClusters") as typeof hooks;
}

/** What Pulumi's state holds of the provider: calls by name, so that it never changes with the library. */
const provider: pulumi.dynamic.ResourceProvider<hooks.AskedInputs, hooks.AskedOutputs> = {
  configure: (request) => loadHooks().configure(request),
  diff: (id, olds, news) => loadHooks().diff(id, olds, news),
  create: (inputs) => loadHooks().create(inputs),
  update: (id, olds, news) => loadHooks().update(id, olds, news),
  delete: (id, props) => loadHooks().delete(id, props),
};

const TYPE = "AskedClusters";

/**
 * The clusters that a deployment was asked to be on, which Pulumi's state keeps before the deployment acts on any: when
 * its update is killed, nothing else tells the next one, or a destroy, where that may have started a job.
 */
export class AskedClusters extends pulumi.dynamic.Resource {
  /** Newest first. */
  declare readonly clusters: pulumi.Output<hooks.AskedOutputs["clusters"]>;

  constructor(name: string, args: AskedClustersArgs, opts: pulumi.CustomResourceOptions = {}) {
    super(
      provider,
      name,
      { ...args, resourceUrn: ownUrn(name, TYPE, opts.parent), clusters: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["clusters"] }),
      "flink",
      TYPE,
    );
  }
}
