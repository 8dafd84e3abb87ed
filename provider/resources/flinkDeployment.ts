import * as pulumi from "@pulumi/pulumi";
import type { DeploymentInputs } from "../deployment/inputs";
import type {
  DeploymentOutputs,
  DeploymentStatus,
  EventRecord,
  JobRecord,
  SavepointRecord,
} from "../deployment/outputs";
import type * as hooks from "../hooks/flinkDeployment";
import type { Artifact, FlinkDeploymentArgs, FlinkEndpoint } from "./args";
import { AskedClusters } from "./askedClusters";
import { besideOptions } from "./beside";
import { withJobDefaults } from "./deploymentDefaults";
import { endpointInputs, knownEndpointInputs } from "./endpointInputs";
import { Identity } from "./identity";
import { markedSecrets } from "./markedSecrets";
import { isPlain, secretly } from "./plainInputs";
import { ownUrn } from "./ownUrn";

/** Found from the project's folder, so that this package's own repository can be a project too. */
function loadHooks(): typeof hooks {
  const load = process.getBuiltinModule("node:module").createRequire(`${process.cwd()}/`);
  return load("pulumi-flink/hooks/flinkDeployment") as typeof hooks;
}

/** What Pulumi's state holds of the provider: calls by name, so that it never changes with the library. */
const provider: pulumi.dynamic.ResourceProvider<DeploymentInputs, DeploymentOutputs> = {
  configure: (request) => loadHooks().configure(request),
  check: (olds, news) => loadHooks().check(olds, news),
  diff: (id, olds, news) => loadHooks().diff(id, olds, news),
  create: (inputs) => loadHooks().create(inputs),
  read: (id, props) => loadHooks().read(id, props),
  update: (id, olds, news) => loadHooks().update(id, olds, news),
  delete: (id, props) => loadHooks().delete(id, props),
};

const MODULE = "flink";
const TYPE = "FlinkDeployment";

/**
 * One Flink job under Pulumi: its desired state, carried out over Flink's REST API.
 *
 * A change of the job (jar, arguments, parallelism, configuration) or of its cluster is an upgrade by
 * `upgradeStrategy`: by default a savepoint is taken, the job is stopped, and the new job starts from that savepoint.
 * `pulumi preview` prints the steps that `pulumi up` will execute.
 */
export class FlinkDeployment extends pulumi.dynamic.Resource {
  /** The cluster that the job is asked to be on; undefined where none is. */
  declare readonly cluster: pulumi.Output<FlinkEndpoint | undefined>;
  /** What the deployment has come to; `state` is RUNNING, CANCELLED, SUSPENDED, FINISHED, TRANSITIONING or FAILED. */
  declare readonly status: pulumi.Output<DeploymentStatus>;
  /** Flink's id of the active job; undefined while none is. */
  declare readonly jobId: pulumi.Output<string | undefined>;
  /** The jobs so far, newest first; at most 20. */
  declare readonly jobs: pulumi.Output<JobRecord[]>;
  /** The snapshots that are known, newest first; at most `savepointHistory.maxCount`, beside those in use. */
  declare readonly savepoints: pulumi.Output<SavepointRecord[]>;
  /** What happened, newest first; at most `maxEvents`. */
  declare readonly events: pulumi.Output<EventRecord[]>;
  /** The path of the newest savepoint; undefined while none is known. */
  declare readonly latestSavepoint: pulumi.Output<string | undefined>;
  /**
   * Flink's own page of the active job; undefined while none is, and for a cluster that is reached through Kubernetes' API
   * server, whether or not it has an Ingress.
   */
  declare readonly webInterfaceUrl: pulumi.Output<string | undefined>;
  /** What destroying this resource would do to its job: Pulumi previews no deletes. */
  declare readonly onDeletePlan: pulumi.Output<string>;

  /**
   * @param name - its name in Pulumi; jobs of equal names on any number of clusters never collide.
   * @param args - the job and how it is upgraded; the stack's `flink:deploymentDefaults` are under them.
   * @param opts - `deleteBeforeReplace` is always on: a job is never run twice.
   * @throws InvalidStackConfigurationError where the stack's defaults are wrong.
   */
  constructor(name: string, args: FlinkDeploymentArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { deploymentTarget: _, ...complete } = withJobDefaults(args);
    const identity = new Identity(`${name}-identity`, {}, besideOptions(opts, TYPE, "Identity", "identity"));
    const asked = new AskedClusters(
      `${name}-clusters`,
      {
        ...(complete.cluster === undefined ? {} : { cluster: knownEndpointInputs(complete.cluster) }),
        uid: identity.uid,
      },
      besideOptions(opts, TYPE, "AskedClusters", "clusters"),
    );
    super(
      provider,
      name,
      {
        ...complete,
        artifact: artifactInputs(complete.artifact),
        cluster: complete.cluster === undefined ? undefined : endpointInputs(complete.cluster),
        askedClusters: pulumi.secret(asked.clusters),
        uid: identity.uid,
        markedSecrets: markedSecrets({ ...complete, cluster: undefined }),
        resourceUrn: ownUrn(name, TYPE, opts.parent),
        isDryRun: pulumi.runtime.isDryRun(),
        status: undefined,
        jobId: undefined,
        jobs: undefined,
        savepoints: undefined,
        events: undefined,
        latestSavepoint: undefined,
        webInterfaceUrl: undefined,
        onDeletePlan: undefined,
        record: undefined,
      },
      pulumi.mergeOptions(opts, { deleteBeforeReplace: true, additionalSecretOutputs: ["record", "markedSecrets"] }),
      MODULE,
      TYPE,
    );
  }
}

/** The artifact with what opens its servers as secrets, whoever gave them: its headers, and addresses with a query. */
function artifactInputs(artifact: FlinkDeploymentArgs["artifact"]): pulumi.Input<unknown> {
  const withSecrets = ({ httpHeaders, jarUri, additionalDependencies, ...rest }: Artifact) => ({
    ...rest,
    ...(jarUri === undefined ? {} : { jarUri: secretlyIfSigned(jarUri) }),
    ...(additionalDependencies === undefined
      ? {}
      : { additionalDependencies: eachSecretlyIfSigned(additionalDependencies) }),
    httpHeaders: secretly(httpHeaders),
  });
  return isPlain(artifact) ? withSecrets(artifact) : pulumi.output(artifact).apply(withSecrets);
}

function eachSecretlyIfSigned(addresses: NonNullable<Artifact["additionalDependencies"]>): pulumi.Input<unknown> {
  const each = (known: readonly pulumi.Input<string>[]) => (Array.isArray(known) ? known.map(secretlyIfSigned) : known);
  return isPlain(addresses) ? each(addresses) : pulumi.output(addresses).apply(each);
}

/** A query may be a signature, which opens the server to anybody who knows it. */
function secretlyIfSigned(jarUri: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(jarUri).apply((known: unknown): pulumi.Output<string> => {
    const address = known as string;
    return typeof known === "string" && known.includes("?") ? pulumi.secret(address) : pulumi.output(address);
  });
}
