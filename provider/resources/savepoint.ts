import * as pulumi from "@pulumi/pulumi";
import type * as hooks from "../hooks/savepoint";
import type { SnapshotOrigin } from "../lifecycle/model";
import type { SavepointInputs, SavepointOutputs } from "../savepoint/inputs";
import { canonicalJson } from "../values/canonicalJson";
import type { Duration, FlinkDeploymentArgs, SavepointFormatType } from "./args";
import { besideOptions } from "./beside";
import { endpointInputs } from "./endpointInputs";
import type { FlinkDeployment } from "./flinkDeployment";
import { Identity } from "./identity";
import { markedSecrets } from "./markedSecrets";
import { ownUrn } from "./ownUrn";

/** What a change of takes a new savepoint. */
type Trigger = pulumi.Input<string | number | boolean>;

/** How long each part of taking a savepoint may take. All must be positive. */
export interface SavepointTimeouts {
  /** The savepoint itself. Default: Flink's own `execution.checkpointing.timeout` decides. */
  savepoint?: pulumi.Input<Duration>;
  /** Until all tasks of a job run that is starting or restarting. Default: `"5 min"`. */
  running?: pulumi.Input<Duration>;
  /** How long the cluster may not answer. Default: `"1 min"`. */
  unreachable?: pulumi.Input<Duration>;
}

/** Arguments of {@link Savepoint}: what it is taken of, or the path of one that is there already. */
export interface SavepointArgs {
  /**
   * The deployment whose job a savepoint is taken of. The savepoint is made after the deployment: where one `pulumi up`
   * changes both, it is of the new job (the upgrade has taken one of the old job anyway). When the job moves on later,
   * by an upgrade or to another cluster, nothing is taken. Excludes `cluster` and `jobId`.
   */
  deployment?: FlinkDeployment;
  /** The cluster of a job that no FlinkDeployment of this program runs; needs `jobId`. Or, with `adoptPath`, the one that disposes of it. */
  cluster?: FlinkDeploymentArgs["cluster"];
  /** The id of the job, 32 hexadecimal digits; needs `cluster`. Another id alone takes no new savepoint. */
  jobId?: pulumi.Input<string>;
  /**
   * A map or a list of anything: when it changes, a new savepoint is taken, and the one before goes after it, as
   * `disposeOnDelete` says. Default: none, the savepoint is taken once.
   */
  triggers?: pulumi.Input<Record<string, Trigger>> | pulumi.Input<Trigger[]>;
  /** `"CANONICAL"` (default) or `"NATIVE"`: Flink's savepoint formats. A change takes a new savepoint. */
  formatType?: pulumi.Input<SavepointFormatType>;
  /**
   * Where it is written, with its scheme. Default: the cluster's `execution.checkpointing.savepoint-dir`
   * (`state.savepoints.dir`). A change takes a new savepoint.
   */
  targetDirectory?: pulumi.Input<string>;
  /**
   * A savepoint or retained checkpoint that is there already, with its scheme: no savepoint is taken. Whether it is there
   * shows when a job is started from it. Excludes `jobId`, `triggers`, `formatType` and `targetDirectory`.
   */
  adoptPath?: pulumi.Input<string>;
  /**
   * Delete the savepoint from its storage when this resource is deleted or replaced, by Flink's `savepoint-disposal`. It
   * is refused (`FLINK_SAVEPOINT_NOT_DISPOSED`) while a job of the cluster was started from it and has completed no
   * checkpoint yet, and where the cluster does not answer; where the cluster is gone, the savepoint stays, and a warning
   * says where. With `adoptPath` it needs `deployment` or `cluster`. Default: false, it stays.
   */
  disposeOnDelete?: pulumi.Input<boolean>;
  /** How often the savepoint is tried before the `pulumi up` fails, at least 1. Default: 4. */
  maxSavepointCreationAttempts?: pulumi.Input<number>;
  /** How long each part may take. */
  timeouts?: pulumi.Input<SavepointTimeouts>;
}

/** Found from the project's folder, so that this package's own repository can be a project too. */
function loadHooks(): typeof hooks {
  const load = process.getBuiltinModule("node:module").createRequire(`${process.cwd()}/`);
  return load("pulumi-flink/hooks/savepoint") as typeof hooks;
}

/** What Pulumi's state holds of the provider: calls by name, so that it never changes with the library. */
const provider: pulumi.dynamic.ResourceProvider<SavepointInputs, SavepointOutputs> = {
  configure: (request) => loadHooks().configure(request),
  check: (olds, news) => loadHooks().check(olds, news),
  diff: (id, olds, news) => loadHooks().diff(id, olds, news),
  create: (inputs) => loadHooks().create(inputs),
  read: (id, props) => loadHooks().read(id, props),
  update: (id, olds, news) => loadHooks().update(id, olds, news),
  delete: (id, props) => loadHooks().delete(id, props),
};

const MODULE = "flink";
const TYPE = "Savepoint";

/**
 * A savepoint of a Flink job under Pulumi: taken while the job goes on, when this resource is created, or adopted by its
 * path. Its path can be another deployment's `initialSavepointPath` in the same program.
 *
 * A create that was cut off and is repeated goes on with the savepoint that it had begun, for as long as Flink remembers
 * it (`rest.async.store-duration`, 5 min) and the job is the same.
 */
export class Savepoint extends pulumi.dynamic.Resource {
  /** Where it is: what a job can be started from. */
  declare readonly path: pulumi.Output<string>;
  /** Flink's id of the job that it was taken of; undefined for one that was adopted. */
  declare readonly jobId: pulumi.Output<string | undefined>;
  /** Its format; undefined for one that was adopted. */
  declare readonly formatType: pulumi.Output<SavepointFormatType | undefined>;
  /** The size of the state in it; undefined where Flink did not say it, and for one that was adopted. */
  declare readonly sizeBytes: pulumi.Output<number | undefined>;
  /** When it was taken, ISO 8601; undefined for one that was adopted. */
  declare readonly time: pulumi.Output<string | undefined>;
  /** USER_REQUEST, or COPIED for one that was adopted. */
  declare readonly origin: pulumi.Output<SnapshotOrigin>;

  /**
   * @param name - its name in Pulumi.
   * @param args - what it is taken of, or its path.
   * @param opts - when it is replaced, the new savepoint is taken before the old one goes.
   */
  constructor(name: string, args: SavepointArgs, opts: pulumi.CustomResourceOptions = {}) {
    const identity = new Identity(
      `${name}-identity`,
      { keepers: { madeOf: madeOf(args) } },
      besideOptions(opts, TYPE, "Identity", "identity"),
    );
    const { deployment, cluster, ...others } = args;
    super(
      provider,
      name,
      {
        ...others,
        deployment: deployment === undefined ? undefined : { cluster: deployment.cluster, jobId: deployment.jobId },
        cluster: cluster === undefined ? undefined : endpointInputs(cluster),
        uid: identity.uid,
        markedSecrets: markedSecrets(others),
        resourceUrn: ownUrn(name, TYPE, opts.parent),
        isDryRun: pulumi.runtime.isDryRun(),
        path: undefined,
        sizeBytes: undefined,
        time: undefined,
        origin: undefined,
        endpoint: undefined,
        ...(others.jobId === undefined ? { jobId: undefined } : {}),
        ...(others.formatType === undefined ? { formatType: undefined } : {}),
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["endpoint", "markedSecrets"] }),
      MODULE,
      TYPE,
    );
  }
}

/** What another savepoint is taken for, in one text: its identity goes with it, so that no trigger's id comes twice. */
function madeOf({ triggers, formatType, targetDirectory, adoptPath }: SavepointArgs): pulumi.Output<string> {
  return pulumi
    .all([pulumi.output<unknown>(triggers), formatType, targetDirectory, adoptPath])
    .apply(([trigger, format, directory, path]) =>
      canonicalJson([trigger, String(format ?? "CANONICAL").toUpperCase(), directory, path]),
    );
}
