import type { core, networking } from "@pulumi/kubernetes/types/input";
import type { core as k8sCore } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Duration } from "../../provider/resources/args";

/** What one JobManager or TaskManager gets. */
export interface FlinkProcessResources {
  /**
   * CPUs that are requested, as a number or in Kubernetes' format (`"500m"`). Default: 1. See
   * https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/.
   */
  cpu?: pulumi.Input<number | string>;
  /** The most CPUs that it may use, at least `cpu`. Default: no limit. */
  cpuLimit?: pulumi.Input<number | string>;
  /**
   * The memory of the whole process and its container, requested and limited alike: Flink's
   * `jobmanager.memory.process.size` and `taskmanager.memory.process.size`. In Flink's units (`"2g"`, `"2048m"`; as in
   * Flink `g`, `G` and `gb` are all 1024³ bytes) or in Kubernetes' (`"2Gi"`). Default: `"1600m"` for JobManagers,
   * `"1728m"` for TaskManagers, which are Flink's own.
   */
  memory?: pulumi.Input<string>;
}

/** What JobManagers get. */
export interface JobManagerResources extends FlinkProcessResources {
  /**
   * How many JobManagers there are; those that do not lead stand by. At least 1; more than 1 only with high availability,
   * and only where all jobs run jars of the image (`localArtifacts`): an uploaded jar lies with the one JobManager that
   * took it, and another may be asked to run it. Default: 1. A change scales in place.
   */
  replicas?: pulumi.Input<number>;
}

/** What each process of a cluster gets. */
export interface FlinkClusterResources {
  /** Of each JobManager. */
  jobManager?: JobManagerResources;
  /** Of each TaskManager. */
  taskManager?: FlinkProcessResources;
}

/** Keys for an S3 store, in a Secret that is made of them. */
export interface StorageKeys {
  /** The access key's id. */
  accessKeyId: pulumi.Input<string>;
  /** Treated as a secret. */
  secretAccessKey: pulumi.Input<string>;
}

/** Keys for an S3 store, in a Secret that exists in the cluster's namespace. */
export interface StorageKeysSecret {
  /** Its name, an RFC 1123 subdomain. */
  secretName: pulumi.Input<string>;
  /** The key in it that holds the access key's id. Default: `"accessKeyId"`. */
  accessKeyIdKey?: pulumi.Input<string>;
  /** The key in it that holds the secret access key. Default: `"secretAccessKey"`. */
  secretAccessKeyKey?: pulumi.Input<string>;
}

/** What a volume is made of: all that Kubernetes knows, without the volume's name. */
export type VolumeSource = Omit<core.v1.Volume, "name">;

/** A volume that all pods of the cluster mount. */
export interface StorageVolume {
  /**
   * A claim for a volume, best as the resource itself. Its access mode should be ReadWriteMany: a volume that only one
   * node can mount cannot serve an old and a new cluster at once, and is warned about under `rollout: "REPLACE"`.
   */
  claim?: k8sCore.v1.PersistentVolumeClaim | pulumi.Input<string>;
  /** Any other source, such as `{ nfs: … }` or `{ csi: … }`. Excludes `claim`. */
  source?: pulumi.Input<VolumeSource>;
  /** Where it is mounted: the path of `storage.uri`, or a folder above it. Default: that path. */
  mountPath?: pulumi.Input<string>;
}

/** One place for all that must outlive the pods. */
export interface FlinkStorage {
  /**
   * Where it is, with its scheme: `s3://` and `s3p://` (Flink's Presto plugin), `s3a://` (its Hadoop plugin), `gs://`,
   * `abfs://`, `abfss://`, `wasb://`, `wasbs://`, `oss://`, `hdfs://` (the image must bring Hadoop), or `file:///` with
   * `volume`. Checkpoints go to `<uri>/checkpoints`, savepoints to `<uri>/savepoints`, the data of high availability to
   * `<uri>/high-availability`.
   */
  uri: pulumi.Input<string>;
  /** Access keys; for S3 only. Default: the pods' own identity. A change gives the cluster new pods. */
  credentials?: StorageKeys | StorageKeysSecret;
  /** The address of a store that is not Amazon's. Flink's `s3.endpoint`. For S3 only. */
  endpoint?: pulumi.Input<string>;
  /** The store's region, given to the pods as `AWS_REGION`. For S3 only. */
  region?: pulumi.Input<string>;
  /** Names the bucket in the path of the address. Flink's `s3.path.style.access`. For S3 only. Default: false. */
  pathStyleAccess?: pulumi.Input<boolean>;
  /**
   * The plugin of the official image that is enabled, without version: `"flink-s3-fs-hadoop"`; `false`: none, because
   * the image has what it needs in `plugins`. Default: the one for the scheme of `uri`.
   */
  plugin?: pulumi.Input<string | false>;
  /** A volume; required for `file:///`, refused for all else. */
  volume?: StorageVolume;
}

/** Log4j 2 of all processes. */
export interface FlinkLogging {
  /** Levels by logger; `""` is the root logger. Default: `{ "": "INFO" }`. */
  log4jLoggers?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * `"default"`: to the console, which `kubectl logs` shows, and to a file, which Flink's web page shows. Default:
   * `"default"`, where no `log4j2ConfigurationTemplate` is given. Excludes that.
   */
  loggingProfile?: pulumi.Input<"default">;
  /**
   * A whole `log4j-console.properties` instead of the profile's, in which `{{ rootLoggerLogLevel }}` stands for the
   * root level and `{{ userConfiguredLoggers }}` for the lines of all other loggers. Excludes `loggingProfile`.
   */
  log4j2ConfigurationTemplate?: pulumi.Input<string>;
}

/** A volume of one's own in all pods. */
export interface ExtraVolume {
  /** Its name in the pods. */
  name: pulumi.Input<string>;
  /** What is mounted, such as `{ secret: { secretName } }`. */
  source: pulumi.Input<VolumeSource>;
  /** Where it is mounted. */
  mountPath: pulumi.Input<string>;
  /** Default: false. */
  readOnly?: pulumi.Input<boolean>;
  /** A path within the volume. Default: all of it. */
  subPath?: pulumi.Input<string>;
}

/**
 * How the cluster stands in Kubernetes. What pods are made of (templates, variables, volumes, the account's name, what
 * images are pulled with) replaces the cluster when it changes; all else restarts nothing.
 */
export interface FlinkKubernetesOptions {
  /**
   * Merged into the pods of JobManagers and TaskManagers by Kubernetes' own strategic merge (`$patch` included):
   * containers, volumes and environment variables go together by name. Flink's container is `flink-main-container`.
   * Default: none. A change replaces the cluster.
   */
  podTemplate?: pulumi.Input<core.v1.PodTemplateSpecPatch>;
  /** As `podTemplate`, for JobManagers, and merged after it. Default: none. A change replaces the cluster. */
  jobManagerPodTemplate?: pulumi.Input<core.v1.PodTemplateSpecPatch>;
  /** As `podTemplate`, for TaskManagers, and merged after it. Default: none. A change replaces the cluster. */
  taskManagerPodTemplate?: pulumi.Input<core.v1.PodTemplateSpecPatch>;
  /**
   * Labels of all objects, not of pods, so that a change restarts nothing. Keys and values as Kubernetes takes them: at
   * most 63 letters, digits, `-`, `_` and `.`; a key may have a domain before it (`example.org/team`). Default: none but
   * this package's own.
   */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Annotations of all objects, not of pods, so that a change restarts nothing. Default: none. */
  annotations?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Environment variables of Flink's containers. Default: none. A change replaces the cluster. */
  envVars?: pulumi.Input<pulumi.Input<core.v1.EnvVar>[]>;
  /** Secrets and ConfigMaps whose keys become environment variables. Default: none. A change replaces the cluster. */
  envFrom?: pulumi.Input<pulumi.Input<core.v1.EnvFromSource>[]>;
  /** More volumes, in all pods. Default: none. A change replaces the cluster. */
  volumes?: pulumi.Input<pulumi.Input<ExtraVolume>[]>;
  /**
   * A service account that exists, by its name (an RFC 1123 subdomain): the one for a pod's identity at a cloud, since
   * its name stays. Default: one of the cluster's own. A change replaces the cluster.
   */
  serviceAccountName?: pulumi.Input<string>;
  /** Annotations of the service account that is made. Excludes `serviceAccountName`. Default: none. */
  serviceAccountAnnotations?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Make the Role and RoleBinding that high availability needs. Default: true. */
  rbac?: boolean;
  /** Names of Secrets (RFC 1123 subdomains) with which images are pulled. Default: none. A change replaces the cluster. */
  imagePullSecrets?: pulumi.Input<pulumi.Input<string>[]>;
  /** `"Always"`, `"IfNotPresent"` or `"Never"`. Default: Kubernetes' own. A change replaces the cluster. */
  imagePullPolicy?: pulumi.Input<string>;
  /**
   * How Pulumi reaches Flink's REST API: `"proxy"`, through the API server; `"portForward"`, where the control plane
   * cannot reach pods' ports. Default: `"proxy"`.
   */
  via?: pulumi.Input<"proxy" | "portForward">;
  /**
   * The kubeconfig, as text or as a file's path, with which Flink's REST API is reached. Treated as a secret. Default:
   * that of the `k8s.Provider` given to this component, else the stack's `kubernetes:kubeconfig`, else the environment's.
   */
  kubeconfig?: pulumi.Input<string>;
  /** The context in the kubeconfig. Default: as for `kubeconfig`, else the current one. */
  context?: pulumi.Input<string>;
}

/** Who may reach the cluster's pods. */
export interface FlinkNetworkPolicy {
  /** Who else may reach Flink's REST API, which runs any jar it is given. Default: nobody. */
  from?: pulumi.Input<pulumi.Input<networking.v1.NetworkPolicyPeer>[]>;
  /**
   * The addresses from which the API server's proxy reaches pods. Default: those of the API server itself, read from
   * the EndpointSlice `kubernetes` in the namespace `default`. See docs/clusters.md for providers with others.
   */
  apiServerCidrs?: pulumi.Input<pulumi.Input<string>[]>;
}

/** An Ingress for Flink's web page. Flink asks nobody who they are: put authentication before it. */
export interface FlinkIngress {
  /** The host's name, in lower case, or all hosts of a domain: `"*.example.org"`. */
  host: pulumi.Input<string>;
  /** Default: `"/"`. */
  path?: pulumi.Input<string>;
  /** The IngressClass. Default: the Kubernetes cluster's default. */
  className?: pulumi.Input<string>;
  /** The name (an RFC 1123 subdomain) of a Secret with a certificate for the host. Default: no TLS. */
  tlsSecretName?: pulumi.Input<string>;
  /** For the controller, such as its authentication. Default: none. */
  annotations?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** Arguments of {@link SessionCluster} and {@link ApplicationCluster}. */
export interface FlinkClusterArgs {
  /** Flink's version, all three numbers: `"1.20.0"`; 1.17.0 is the oldest. Required. A change replaces the cluster. */
  flinkVersion: pulumi.Input<string>;
  /**
   * The image, which must have Flink of this very version. Excludes the three parts. Default: put together from them. A
   * change replaces the cluster.
   */
  image?: pulumi.Input<string>;
  /** The image's registry. Default: none, which is the container runtime's own. A change replaces the cluster. */
  flinkImageRegistry?: pulumi.Input<string>;
  /** The image's repository. Default: `"flink"`, the official one. A change replaces the cluster. */
  flinkImageRepository?: pulumi.Input<string>;
  /** The image's tag. Default: `flinkVersion`. A change replaces the cluster. */
  flinkImageTag?: pulumi.Input<string>;
  /**
   * How many TaskManagers there are, at least 1. Default: 1. More are started beside those that run; fewer replace the
   * cluster, so that every job moves with its state before a TaskManager goes (not under `rollout: "IN_PLACE"`).
   */
  numberOfTaskManagers?: pulumi.Input<number>;
  /** Flink's `taskmanager.numberOfTaskSlots`, at least 1. Default: 1. A change replaces the cluster. */
  slotsPerTaskManager?: pulumi.Input<number>;
  /** CPU and memory. A change (but of `replicas`) replaces the cluster. */
  resources?: FlinkClusterResources;
  /**
   * Flink's configuration of the cluster; it may set anything but addresses, ports, the cluster's names, what has an
   * argument of its own, and `security.ssl.rest.authentication-enabled` (the cluster is reached through Kubernetes' API
   * server, which no client certificate can pass). Default: none. A change replaces the cluster. For secrets use
   * `kubernetes.envVars` or `kubernetes.volumes`: whoever may read ConfigMaps can read this. See
   * https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/.
   */
  flinkConfiguration?: pulumi.Input<Record<string, pulumi.Input<string | number | boolean>>>;
  /**
   * Where checkpoints, savepoints and the data of high availability live. Default: nowhere. A change replaces the
   * cluster.
   */
  storage?: FlinkStorage;
  /**
   * Whether another JobManager takes over the jobs of one that died. Flink's `high-availability.type: kubernetes`.
   * Needs `storage`. Default: true where `storage` is given. A change replaces the cluster.
   */
  highAvailability?: boolean;
  /** What is logged. A change replaces the cluster. */
  logging?: FlinkLogging;
  /** Pods, objects, and how they are reached. A change of what pods are made of replaces the cluster. */
  kubernetes?: FlinkKubernetesOptions;
  /** An Ingress for Flink's web page. Default: none. */
  ingress?: FlinkIngress;
  /**
   * Who may reach the cluster. Default: its own pods; Flink's REST API also from the API server's proxy. `false`: no
   * NetworkPolicy is made.
   */
  networkPolicy?: FlinkNetworkPolicy | false;
  /** The namespace, which must exist. Default: that of the Kubernetes provider. A change replaces the cluster. */
  namespace?: pulumi.Input<string>;
  /**
   * What happens when pods must change. `"REPLACE"` (default): a new cluster beside the old one, to which each job moves
   * by its own upgrade strategy; for a while that takes the capacity twice. `"IN_PLACE"`: the same cluster with its pods
   * restarted. High availability brings the jobs back; without it they end with no savepoint, which is warned of. Nothing
   * replaces the cluster then: where these arguments say so the pods are restarted, fewer TaskManagers are fewer at once,
   * and `keepers` (and with them a FlinkApplication's `jobUpgrade: "NEW_CLUSTER"`) have no effect.
   */
  rollout?: pulumi.Input<"REPLACE" | "IN_PLACE">;
  /**
   * Values of your own: a change of one replaces the cluster. One that is left out stays as it was. No effect under
   * `rollout: "IN_PLACE"`, which is warned of; nor has a change that is made meanwhile any later. Default: none.
   */
  keepers?: Record<string, pulumi.Input<string | undefined>>;
  /**
   * Jars of the image that jobs may name as `artifact.jarUri` (`"local:///opt/flink/usrlib/job.jar"`). A change replaces
   * the cluster. Default: none. A FlinkApplication offers that of its own job.
   */
  localArtifacts?: pulumi.Input<pulumi.Input<string>[]>;
  /** How long pods, REST API and slots may take to get ready. Default: `"5 min"`. */
  clusterReadyTimeout?: pulumi.Input<Duration>;
  /** Ids (32 hexadecimal digits) of jobs that may end with the cluster. Default: none, so that all keep it. */
  forceCancellationOf?: pulumi.Input<pulumi.Input<string>[]>;
}
