import type * as pulumi from "@pulumi/pulumi";
import type { Duration } from "../values/duration";

export type { Duration };

/** What a FlinkDeployment should be. */
export type DesiredState = "RUNNING" | "CANCELLED" | "SUSPENDED";

/** How a running job is replaced when its specification or its cluster changes. */
export type UpgradeStrategyKind = "STATEFUL" | "STATELESS" | "NONE";

/** What a STATEFUL upgrade does with a job that can take no savepoint. */
export type UpgradeFallback = "REFUSE" | "LATEST_STATE";

/** Which state a job starts from. */
export type RestoreStrategyKind = "LATEST_STATE" | "LATEST_SAVEPOINT" | "NONE";

/** Who owns the snapshot that a job was started from. */
export type ClaimMode = "NO_CLAIM" | "CLAIM";

/** The binary format of savepoints. */
export type SavepointFormatType = "CANONICAL" | "NATIVE";

/** What happens to the job when its FlinkDeployment is deleted. */
export type OnDelete = "SAVEPOINT" | "CANCEL";

/** TLS towards a Flink REST address. All PEM texts are treated as secrets. */
export interface FlinkEndpointTls {
  /** PEM of the certificate authority that signed the server's certificate. Default: those that Node.js trusts. */
  readonly caCertificate?: string;
  /** PEM of the client certificate for mutual TLS (`security.ssl.rest.authentication-enabled`). Needs `clientKey`. */
  readonly clientCertificate?: string;
  /** PEM of the private key of `clientCertificate`. */
  readonly clientKey?: string;
  /** Accept any server certificate. Default: false. */
  readonly insecureSkipVerify?: boolean;
}

/** A user name and a password for HTTP basic authentication. */
export interface BasicAuth {
  /** Without a colon. */
  readonly username: string;
  /** Treated as a secret. */
  readonly password: string;
}

/** Where the processes of a local cluster are recorded. Set by {@link LocalCluster}, not by users. */
export interface LocalProcesses {
  /** The host name of the machine that they run on; on any other nothing is known of them. */
  readonly host: string;
  /** The absolute folder of the cluster's incarnation there, with the record of its processes. */
  readonly directory: string;
}

interface FlinkEndpointCommon {
  /**
   * What identifies the cluster and is known in a preview. While it stays the same, a changed address is the same
   * cluster at another place and moves no job. Default: the address identifies the cluster. Cluster components set it.
   */
  readonly fingerprint?: string;
  /** Tells one life of a cluster of the same fingerprint from the next. Cluster components set it. */
  readonly incarnation?: string;
}

/** A Flink cluster whose REST API has an address of its own. */
export interface FlinkUrlEndpoint extends FlinkEndpointCommon {
  /** The base address of the REST API, such as `http://localhost:8081`; `http` or `https`, without credentials in it. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. Treated as a secret. Excludes `basicAuth`. */
  readonly bearerToken?: string;
  /** HTTP basic authentication of a proxy in front of Flink. Excludes `bearerToken`. */
  readonly basicAuth?: BasicAuth;
  /** Further request headers. Values are treated as secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /** TLS material; only with an `https` address. */
  readonly tls?: FlinkEndpointTls;
  /** Set by {@link LocalCluster}: where the cluster's processes are recorded, and on which machine. */
  readonly processes?: LocalProcesses;
  readonly kubernetes?: undefined;
}

/**
 * A Service of Flink's REST API in Kubernetes, and the way to it. See docs/kubernetes-access.md for the permissions that
 * it takes.
 */
export interface KubernetesService {
  /** The Service's namespace. */
  readonly namespace: string;
  /** The Service's name. */
  readonly service: string;
  /** The Service's port of the REST API, 1 to 65535. Default: 8081. */
  readonly port?: number;
  /** `"https"` where Flink's REST API has TLS (`security.ssl.rest.enabled`). Default: `"http"`. */
  readonly scheme?: KubernetesScheme;
  /**
   * `"proxy"` (default): through the API server's service proxy. `"portForward"`: through a port forwarded to a pod of
   * the Service, where the API server cannot reach pods.
   */
  readonly via?: KubernetesAccess;
  /**
   * A kubeconfig's text, or the path of its file. Treated as a secret, and no part of the cluster's identity.
   * Default: as kubectl finds it: `KUBECONFIG`, then `~/.kube/config`, then the service account of the pod that Pulumi
   * runs in.
   */
  readonly kubeconfig?: string;
  /** The kubeconfig's context. Default: its `current-context`. */
  readonly context?: string;
  /**
   * Set by cluster components: the value of the label `flink.pulumi.com/cluster`, by which the cluster's pods are found.
   */
  readonly cluster?: string;
  /**
   * Set by cluster components: the address of the API server that the cluster was made on. Another API server, which the
   * kubeconfig may lead to another time, does not tell whether the cluster is gone.
   */
  readonly apiServer?: string;
}

/** How Flink's REST API is spoken to within Kubernetes. */
export type KubernetesScheme = "http" | "https";

/** How a Service in Kubernetes is reached. */
export type KubernetesAccess = "proxy" | "portForward";

/** A Flink cluster in Kubernetes, reached with the user's own kubeconfig: nothing of Flink is exposed. */
export interface FlinkKubernetesEndpoint extends FlinkEndpointCommon {
  /** The Service of the REST API. */
  readonly kubernetes: KubernetesService;
  readonly url?: undefined;
  readonly bearerToken?: undefined;
  readonly basicAuth?: undefined;
  readonly headers?: undefined;
  readonly tls?: undefined;
  readonly processes?: undefined;
}

/**
 * Where a Flink cluster's REST API is, and how to get in: an address, or a Service in Kubernetes. Credentials are not
 * part of a cluster's identity.
 */
export type FlinkEndpoint = FlinkUrlEndpoint | FlinkKubernetesEndpoint;

/** A plain type as arguments take it: every value inside it may come from another resource. */
export type InputsOf<T> = T extends string | number | boolean
  ? T
  : { [K in keyof T]: pulumi.Input<InputsOf<NonNullable<T[K]>>> | Extract<T[K], undefined> };

interface ArtifactCommon {
  /**
   * The class whose `main` defines the job. Default: `Main-Class` or `program-class` of the jar's manifest.
   */
  entryClass?: pulumi.Input<string>;
  /**
   * The arguments of `main`: a list, or one line that is split at white space (single and double quotes keep words
   * together). Default: none.
   */
  mainArgs?: pulumi.Input<string | pulumi.Input<string>[]>;
  /**
   * Addresses (`file://`, `http://`, `https://`, `s3://`) of files that the job needs and its jar has not. They are packed
   * into the jar before it is uploaded: jars into its `lib/`, from where Flink puts them on the job's class path in this
   * order; all others beside its classes, where the job finds them as resources, by their own names. A change of
   * their content starts an upgrade. Excludes a `local://` jar. Default: none. See docs/artifacts.md.
   */
  additionalDependencies?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Headers sent when the jar is fetched over http or https (not on to another host after a redirect), and with it those
   * `additionalDependencies` that are on the jar's own server. Values are treated as secrets. Default: none.
   */
  httpHeaders?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** SHA-256 of the jar itself in hexadecimal: content that differs is refused. Default: whatever the jar holds. */
  sha256?: pulumi.Input<string>;
}

/** The jar of a job, from a Pulumi asset or from an address: exactly one of `jar` and `jarUri`. */
export type Artifact = ArtifactCommon &
  (
    | {
        /** The jar as `pulumi.asset.FileAsset` or `pulumi.asset.RemoteAsset`. Excludes `jarUri`. */
        jar: pulumi.Input<pulumi.asset.Asset>;
        jarUri?: undefined;
      }
    | {
        /**
         * The jar's address: `file://`, `http://`, `https://`, `s3://bucket/key` (which takes the package
         * `@aws-sdk/client-s3`, and its own variables and files for credentials), or `local:///path` for a jar in the image of the cluster,
         * which is not uploaded: a FlinkApplication offers it to its job, other clusters by `localArtifacts`. What is in
         * an image shows in its name alone: give the image another tag, or change `restartNonce`. Excludes `jar`.
         */
        jarUri: pulumi.Input<string>;
        jar?: undefined;
      }
  );

/** How a running job is replaced. */
export interface UpgradeStrategy {
  /**
   * `"STATEFUL"` (default): take a savepoint, stop, start from it; the job never stops before the savepoint succeeded.
   * `"STATELESS"`: cancel, then start by `restoreStrategy`. `"NONE"`: keep the running job; the change waits.
   */
  kind?: pulumi.Input<UpgradeStrategyKind>;
  /**
   * What STATEFUL does with a job that can take no savepoint. `"REFUSE"` (default): stop the update and say what can be
   * done. `"LATEST_STATE"`: start from its newest retained checkpoint or savepoint.
   */
  fallback?: pulumi.Input<UpgradeFallback>;
}

/** Which state a job starts from when no upgrade hands over a savepoint of its own. */
export interface RestoreStrategy {
  /**
   * `"LATEST_STATE"` (default): the newest savepoint or retained checkpoint. `"LATEST_SAVEPOINT"`: the newest savepoint.
   * `"NONE"`: start empty.
   */
  kind?: pulumi.Input<RestoreStrategyKind>;
  /**
   * Start although the snapshot holds state that the job has no place for. Flink's `--allowNonRestoredState`.
   * Default: false. Excludes kind `"NONE"`.
   */
  allowNonRestoredState?: pulumi.Input<boolean>;
  /**
   * Flink's `execution.state-recovery.claim-mode` (before 1.20 `execution.savepoint-restore-mode`). `"NO_CLAIM"`
   * (default): the snapshot stays the user's. `"CLAIM"`: a savepoint that was taken for this very upgrade is given to
   * Flink, which may delete it; every other snapshot stays the user's all the same. Needs `rollback: false`.
   */
  claimMode?: pulumi.Input<ClaimMode>;
  /**
   * How old a savepoint or checkpoint may be that a job starts from: one that is older, or of unknown age, is refused
   * (`FLINK_STATE_TOO_OLD`), because it repeats so much work, or asks a source for more than it still has. Not meant are
   * the savepoint that the same transition has just taken, the savepoint of a suspension, and what
   * `initialSavepointPath` names. Must be positive. Default: any age. As the operator's
   * `kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age`.
   */
  maxStateAge?: pulumi.Input<Duration>;
}

/** How long each part of a transition may take. All must be positive. */
export interface DeploymentTimeouts {
  /** One savepoint. Default: Flink's own `execution.checkpointing.timeout` decides. */
  savepoint?: pulumi.Input<Duration>;
  /** From submission until every task of the job runs. Default: `"5 min"`. */
  running?: pulumi.Input<Duration>;
  /** From cancelling until the job has ended. Default: `"1 min"`. */
  cancel?: pulumi.Input<Duration>;
  /**
   * How long a cluster may not answer before the transition is refused; or, where its JobManager has just come back, have
   * no TaskManagers, or not have begun with the job again. Default: `"1 min"`.
   */
  unreachable?: pulumi.Input<Duration>;
}

/** How many savepoints a deployment remembers, and what becomes of its own that it does not. */
export interface SavepointHistory {
  /** How many snapshots the output `savepoints` has at most, 1 to 1000, beside those in use. Default: 20. */
  maxCount?: pulumi.Input<number>;
  /** Snapshots that are older are not kept there, unless they are in use. Must be positive. Default: any age. */
  maxAge?: pulumi.Input<Duration>;
  /**
   * Delete savepoints from their storage that are outside of these limits, as the last step of a transition, which the
   * preview shows. Only those that this deployment took by itself (origin UPGRADE or SUSPEND); never one in use: the
   * newest, what the job was started from or left, what `initialSavepointPath` names, what any job of the cluster was
   * started from that has completed no checkpoint yet, or what was given to a job by claimMode CLAIM. What something
   * else knows by its path (a Savepoint that adopted it, a job on another cluster) is not known here. What cannot be
   * deleted is a warning, and tried again with the next transition. Default: false, all stay in storage.
   */
  dispose?: pulumi.Input<boolean>;
}

/**
 * What a job must do, once all its tasks run, before its start counts as done. Off by default: neither
 * `completedCheckpoints` nor `maxRestarts` is given.
 */
export interface HealthCheck {
  /**
   * How long it may take from when all tasks run; with `maxRestarts` and no `completedCheckpoints` how long the job is
   * watched: every start takes that much longer. Positive. Default: `"5 min"`.
   */
  timeout?: pulumi.Input<Duration>;
  /**
   * How many checkpoints the job must complete (savepoints count). Needs a checkpoint interval
   * (`execution.checkpointing.interval`). Default: 0.
   */
  completedCheckpoints?: pulumi.Input<number>;
  /** How often the job may fail and be restarted meanwhile; 0 is never. Default: it may. */
  maxRestarts?: pulumi.Input<number>;
}

/** What has an endpoint: a cluster component of this package. */
export interface FlinkCluster {
  /** Where and how its REST API is reached. */
  readonly endpoint: pulumi.Output<FlinkEndpoint>;
}

/** The desired state of one Flink job. */
export interface FlinkDeploymentArgs {
  /**
   * The cluster that the job runs on. Required while `state` is RUNNING. A change of the cluster's identity moves the
   * job by `upgradeStrategy`; changed credentials do not.
   */
  cluster?: pulumi.Input<InputsOf<FlinkEndpoint>> | FlinkCluster;
  /**
   * `"RUNNING"` (default); `"SUSPENDED"`: stop with a savepoint; `"CANCELLED"`: cancel. Lower case and `CANCELED` are
   * accepted.
   */
  state?: pulumi.Input<DesiredState>;
  /** The jar, its entry class and arguments. Required. Changed content, class or arguments start an upgrade. */
  artifact: pulumi.Input<Artifact>;
  /** The job's default parallelism (Flink's `parallelism.default`), 1 to 32768. Default: 1. A change starts an upgrade. */
  parallelism?: pulumi.Input<number>;
  /**
   * Flink configuration of the job, such as `execution.checkpointing.interval`. Numbers and booleans become strings.
   * Keys that name a cluster (`kubernetes.cluster-id`, …) are refused. Default: none. A change starts an upgrade.
   * See https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/.
   */
  flinkConfiguration?: pulumi.Input<Record<string, pulumi.Input<string | number | boolean>>>;
  /** How a running job is replaced. Default: STATEFUL, refusing when no savepoint can be taken. */
  upgradeStrategy?: pulumi.Input<UpgradeStrategy>;
  /** Which state a job starts from. Default: LATEST_STATE. */
  restoreStrategy?: pulumi.Input<RestoreStrategy>;
  /**
   * A savepoint or checkpoint, with its scheme (`s3://…`, `file:///…`), that the very first start uses. Later it is only
   * used again when `savepointRedeployNonce` changes too. Default: start empty.
   */
  initialSavepointPath?: pulumi.Input<string>;
  /**
   * A change of it starts the job again from `initialSavepointPath`, which it needs. The operator's
   * `savepointRedeployNonce`.
   */
  savepointRedeployNonce?: pulumi.Input<number | string>;
  /** A change of it starts an upgrade although nothing else changed. The operator's `restartNonce`. */
  restartNonce?: pulumi.Input<number | string>;
  /**
   * Where savepoints are written, with its scheme. Default: `execution.checkpointing.savepoint-dir` (`state.savepoints.dir`)
   * in `flinkConfiguration`, else the cluster's.
   */
  savepointTargetDirectory?: pulumi.Input<string>;
  /** `"CANONICAL"` (default) or `"NATIVE"`: Flink's savepoint formats. */
  savepointFormatType?: pulumi.Input<SavepointFormatType>;
  /** How often a savepoint is tried before the transition fails, at least 1. Default: 4. */
  maxSavepointCreationAttempts?: pulumi.Input<number>;
  /** How often a job's start is tried before the transition fails, at least 1. Default: 4. */
  maxJobCreationAttempts?: pulumi.Input<number>;
  /**
   * Failed starts that are longer ago than this do not count among `maxJobCreationAttempts` of the same `pulumi up`.
   * Default: 0, they always count.
   */
  jobFailureExpirationTime?: pulumi.Input<Duration>;
  /** How long one submission (which runs the job's `main`) may take. Default: 300 s. */
  jobSubmissionTimeout?: pulumi.Input<Duration>;
  /** How long each part of a transition may take. */
  timeouts?: pulumi.Input<DeploymentTimeouts>;
  /**
   * What a started job must do before its start counts as done. A job that is not healthy in time is cancelled, like one
   * that does not come up: the next attempt, then the rollback, by the same rules. A job that FINISHED is healthy; one
   * that a rollback brings back is not checked. Default: all its tasks run.
   */
  healthCheck?: pulumi.Input<HealthCheck>;
  /** Run the previous job again when the new one of an upgrade does not come up. Default: true. */
  rollback?: pulumi.Input<boolean>;
  /**
   * Emit the highest watermark before a stop, so that all timers fire and windows close. For jobs that end for good:
   * what was emitted early stays emitted. Suspending and deleting drain; an upgrade never does, for its job goes on.
   * Flink's `--drain`. Default: false.
   */
  drain?: pulumi.Input<boolean>;
  /**
   * The id (32 hexadecimal digits) of the one job of this deployment that is given up without being cancelled: it counts
   * as ended, and is left running if it runs. Its cluster is kept by it all the same, unless the cluster's own
   * `forceCancellationOf` names it too; a FlinkApplication tells its cluster. Default: none. See docs/restore.md.
   */
  forceCancellationOf?: pulumi.Input<string>;
  /**
   * What deleting this resource does to its job. `"SAVEPOINT"` (default): stop with a savepoint, whose path is printed.
   * `"CANCEL"`: cancel. Snapshots always stay in storage.
   */
  onDelete?: pulumi.Input<OnDelete>;
  /**
   * An entry of the stack's `flink:deploymentDefaultsByTarget` whose defaults are to be taken, over those of the entry
   * that is named as the Kubernetes namespace is, where that is known while the program runs. Plain: it must be known
   * then, too. A name that has no entry is warned of. Default: the namespace's entry alone.
   */
  deploymentTarget?: string;
  /**
   * How many savepoints this deployment remembers, and whether it deletes its own that it does not. As the operator's
   * `kubernetes.operator.savepoint.history.max.count`, `.max.age` and `kubernetes.operator.savepoint.cleanup.enabled`.
   * Default: 20 of any age; nothing is deleted.
   */
  savepointHistory?: pulumi.Input<SavepointHistory>;
  /** Free text by key. Unlike labels, a change starts an upgrade. Default: none. */
  annotations?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Free text by key; a change restarts nothing. Default: none. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** A name for people, kept in Pulumi's state; a change restarts nothing. Default: none. */
  displayName?: pulumi.Input<string>;
  /** How many events the output `events` keeps, at least 1. Default: 50. */
  maxEvents?: pulumi.Input<number>;
}
