import type { BadInput } from "./row";
import { SAVEPOINTS } from "./savepoints";
import { STATE } from "./state";
import { repositoryRoot } from "../../rig/repository";
import { fileAsset } from "../deployment/inputsFixture";

const README = `${repositoryRoot}/README.md`;

const NAMES: BadInput[] = [
  {
    what: "a name with other characters",
    of: "SessionCluster",
    name: "Orders_1",
    args: {},
    says: "name: must consist of lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen, because Kubernetes objects are named after it",
  },
  {
    what: "a name that is too long",
    of: "SessionCluster",
    name: "o".repeat(40),
    args: {},
    says: "name: must be at most 36 characters long, because Kubernetes objects are named after it, but has 40",
  },
  {
    what: "a namespace with other characters",
    of: "FlinkEndpoint",
    args: { kubernetes: { namespace: "Flink", service: "rest" } },
    says: 'cluster.kubernetes.namespace: must hold lower-case letters, digits and "-" alone, and begin and end with a letter or digit, but is "Flink"',
  },
  {
    what: "an unknown argument",
    of: "FlinkDeployment",
    args: { paralelism: 2 },
    says: "paralelism: is not known here; did you mean parallelism?",
  },
  {
    what: "an unknown argument of a cluster",
    of: "SessionCluster",
    args: { taskManagers: 2 },
    says: "taskManagers: is not known here; the keys are flinkVersion, image, flinkImageRegistry, flinkImageRepository, flinkImageTag, numberOfTaskManagers, slotsPerTaskManager, resources, flinkConfiguration, storage, highAvailability, logging, kubernetes, ingress, networkPolicy, namespace, rollout, keepers, localArtifacts, clusterReadyTimeout, forceCancellationOf",
  },
  {
    what: "an unknown state",
    of: "FlinkDeployment",
    args: { state: "PAUSED" },
    says: 'state: is "PAUSED", which is not known; allowed: RUNNING, CANCELLED, SUSPENDED',
  },
  {
    what: "an unknown upgrade strategy",
    of: "FlinkDeployment",
    args: { upgradeStrategy: { kind: "STATEFULL" } },
    says: 'upgradeStrategy.kind: is "STATEFULL", which is not known; did you mean STATEFUL?; allowed: STATEFUL, STATELESS, NONE',
  },
  {
    what: "an unknown restore strategy",
    of: "FlinkDeployment",
    args: { restoreStrategy: { kind: "LAST_STATE" } },
    says: 'restoreStrategy.kind: is "LAST_STATE", which is not known; did you mean LATEST_STATE?; allowed: LATEST_STATE, LATEST_SAVEPOINT, NONE',
  },
  {
    what: "more JobManagers than one for jars that are uploaded",
    of: "SessionCluster",
    args: { storage: { uri: "s3://b" }, resources: { jobManager: { replicas: 2 } } },
    says: 'resources.jobManager.replicas: can be more than 1 only where all jobs run jars of the image, which every JobManager has: an uploaded jar lies with the one that took it, and another may be asked to run it. Name the jars in localArtifacts (in a FlinkApplication as artifact.jarUri: "local:///…"), and give no job another one',
  },
  {
    what: "a volume that is mounted elsewhere than the storage's folder",
    of: "SessionCluster",
    args: { storage: { uri: "file:///data/flink", volume: { claim: "c", mountPath: "/data/fl" } } },
    says: "storage.volume.mountPath: must be the folder of storage.uri, /data/flink, or one above it, but is /data/fl: what Flink keeps would be on the pods' own disks, and go with them; leave it out for that very folder",
  },
  {
    what: "client certificates, which cannot pass the API server",
    of: "SessionCluster",
    args: { flinkConfiguration: { "security.ssl.rest.authentication-enabled": true } },
    says: `flinkConfiguration["security.ssl.rest.authentication-enabled"]: cannot be true: this cluster is reached through Kubernetes' API server, which no client certificate can pass. Leave it out: RBAC and the NetworkPolicy decide who may reach Flink's REST API`,
  },
  {
    what: "a service account's name that Kubernetes does not take",
    of: "SessionCluster",
    args: { kubernetes: { serviceAccountName: "Flink" } },
    says: 'kubernetes.serviceAccountName: must have at most 253 lower-case letters, digits, "-" and ".", and begin and end with a letter or digit, as must each part between dots, but is "Flink"',
  },
  {
    what: "a label's value that Kubernetes does not take",
    of: "SessionCluster",
    args: { kubernetes: { labels: { team: "a & b" } } },
    says: `kubernetes.labels.team: must be a label's value, with at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, but is "a & b"`,
  },
  {
    what: "an address as an Ingress' host",
    of: "SessionCluster",
    args: { ingress: { host: "https://h" } },
    says: 'ingress.host: must be the name of a host in lower case, such as "flink.example.org" or "*.example.org", without scheme, port and path, but is "https://h"',
  },
  {
    what: "changes in place without high availability",
    of: "SessionCluster",
    args: { rollout: "IN_PLACE" },
    says: 'rollout: under "IN_PLACE" a change of the pods ends all jobs without a savepoint, and what would bring them back, highAvailability, is off: give storage and leave highAvailability out, or suspend the jobs before such a change',
    isWarning: true,
  },
];

const VERSIONS: BadInput[] = [
  {
    what: "no Flink version",
    of: "SessionCluster",
    args: { flinkVersion: undefined },
    says: "flinkVersion: is required",
  },
  {
    what: "a Flink version without all its numbers",
    of: "SessionCluster",
    args: { flinkVersion: "1.20" },
    says: 'flinkVersion: is wrong: "1.20" is not a full Flink version: write all three numbers, such as "1.20.0".',
  },
  {
    what: "a Flink below 1.17",
    of: "SessionCluster",
    args: { flinkVersion: "1.16.3" },
    says: "flinkVersion: is wrong: Flink 1.16.3 is too old: 1.17.0 is the oldest that is supported.",
  },
  {
    what: "no Flink version",
    of: "LocalCluster",
    args: { flinkVersion: undefined },
    says: 'flinkVersion: or flinkHome is required: the version of Flink to run, such as "1.20.0", or the folder of an unpacked Flink',
  },
  {
    what: "a Flink below 1.17",
    of: "LocalCluster",
    args: { flinkVersion: "1.12.7" },
    says: "flinkVersion: is wrong: Flink 1.12.7 is too old: 1.17.0 is the oldest that is supported.",
  },
];

const NUMBERS: BadInput[] = [
  {
    what: "a parallelism below 1",
    of: "FlinkDeployment",
    args: { parallelism: 0 },
    says: "parallelism: must be at least 1, but is 0",
  },
  {
    what: "a parallelism that is not whole",
    of: "FlinkDeployment",
    args: { parallelism: 1.5 },
    says: "parallelism: must be a whole number, but is 1.5",
  },
  {
    what: "a parallelism above its own maximum",
    of: "FlinkDeployment",
    args: { parallelism: 8, flinkConfiguration: { "pipeline.max-parallelism": 4 } },
    says: "parallelism: is 8, above pipeline.max-parallelism in flinkConfiguration, which is 4",
  },
  {
    what: "a negative number of checkpoints to wait for",
    of: "FlinkDeployment",
    args: { healthCheck: { completedCheckpoints: -1 } },
    says: "healthCheck.completedCheckpoints: must be at least 0, but is -1",
  },
  {
    what: "restarts that are not whole",
    of: "FlinkDeployment",
    args: { healthCheck: { maxRestarts: 0.5 } },
    says: "healthCheck.maxRestarts: must be a whole number, but is 0.5",
  },
  {
    what: "a health check that cannot pass in time",
    of: "FlinkDeployment",
    args: {
      healthCheck: { completedCheckpoints: 3, timeout: "5 min" },
      flinkConfiguration: { "execution.checkpointing.interval": "10 min" },
    },
    says: "healthCheck.timeout is 5 min, and 3 checkpoints take at least 20 min with an execution.checkpointing.interval of 10 min: no start can be healthy in time; raise the timeout, or ask for fewer",
    isWarning: true,
  },
  {
    what: "a key of the cluster's processes in a job's configuration",
    of: "FlinkDeployment",
    args: { flinkConfiguration: { "taskmanager.numberOfTaskSlots": 4 } },
    says: `flinkConfiguration["taskmanager.numberOfTaskSlots"] has no effect: Flink's processes read it when they start, a job does not; set it in the cluster's own configuration`,
    isWarning: true,
  },
  {
    what: "a health check that has nothing to check",
    of: "FlinkDeployment",
    args: { healthCheck: { timeout: "1 min" } },
    says: "healthCheck.timeout has no effect without completedCheckpoints or maxRestarts",
    isWarning: true,
  },
  {
    what: "savepoint attempts below 1",
    of: "FlinkDeployment",
    args: { maxSavepointCreationAttempts: 0 },
    says: "maxSavepointCreationAttempts: must be at least 1, but is 0",
  },
  {
    what: "start attempts below 1",
    of: "FlinkDeployment",
    args: { maxJobCreationAttempts: -1 },
    says: "maxJobCreationAttempts: must be at least 1, but is -1",
  },
  {
    what: "TaskManagers below 1",
    of: "SessionCluster",
    args: { numberOfTaskManagers: 0 },
    says: "numberOfTaskManagers: must be at least 1, but is 0",
  },
  {
    what: "TaskManagers that are not whole",
    of: "LocalCluster",
    args: { taskManagers: 1.5 },
    says: "taskManagers: must be a whole number, but is 1.5",
  },
  {
    what: "a duration that does not parse",
    of: "FlinkDeployment",
    args: { jobFailureExpirationTime: "5 fortnights" },
    says: 'jobFailureExpirationTime: has the unknown unit "fortnights"; the units are d, h, min, s, ms, µs, ns',
  },
  {
    what: "a duration of zero",
    of: "FlinkDeployment",
    args: { timeouts: { running: "0 s" } },
    says: "timeouts.running: must be longer than zero",
  },
  {
    what: "a negative duration",
    of: "FlinkDeployment",
    args: { jobSubmissionTimeout: -5 },
    says: "jobSubmissionTimeout: must not be negative, but is -5",
  },
  {
    what: "a memory that does not parse",
    of: "SessionCluster",
    args: { resources: { taskManager: { memory: "much" } } },
    says: 'resources.taskManager.memory: must be an amount of memory such as "2g" or "2Gi", but is "much"',
  },
  {
    what: "a memory of zero",
    of: "SessionCluster",
    args: { resources: { jobManager: { memory: "0g" } } },
    says: 'resources.jobManager.memory: must be a whole number of bytes above zero, but is "0g"',
  },
  {
    what: "a request above its limit",
    of: "SessionCluster",
    args: { resources: { taskManager: { cpu: 2, cpuLimit: 1 } } },
    says: "resources.taskManager.cpuLimit: must be at least resources.taskManager.cpu, which is requested",
  },
  {
    what: "JobManager replicas without high availability",
    of: "SessionCluster",
    args: { resources: { jobManager: { replicas: 2 } } },
    says: "resources.jobManager.replicas: can be more than 1 only with highAvailability: without it each JobManager would be a cluster of its own",
  },
];

const OWN_NAMES = "the cluster's names are its own, so that no two clusters share their jobs";

function clusterKeyByHand(key: string, instead: string): BadInput[] {
  const given = { what: `\`${key}\` by hand`, args: { flinkConfiguration: { [key]: "mine" } } };
  const property = `flinkConfiguration["${key}"]`;
  return [
    {
      ...given,
      of: "FlinkDeployment",
      says: `${property}: names a cluster, which the argument cluster does; leave it out`,
    },
    { ...given, of: "SessionCluster", says: `${property}: is set by the cluster itself: ${instead}` },
  ];
}

const CONFIGURATION: BadInput[] = [
  ...clusterKeyByHand("kubernetes.cluster-id", OWN_NAMES),
  ...clusterKeyByHand("kubernetes.namespace", "use namespace"),
  ...clusterKeyByHand("high-availability.cluster-id", OWN_NAMES),
  {
    what: "a value that is not a scalar",
    of: "FlinkDeployment",
    args: { flinkConfiguration: { "state.backend.type": ["rocksdb"] } },
    says: 'flinkConfiguration["state.backend.type"]: must be a string, a number or a boolean, not a list',
  },
  {
    what: "a value that is not a scalar",
    of: "SessionCluster",
    args: { flinkConfiguration: { state: { backend: "rocksdb" } } },
    says: "flinkConfiguration.state: must be a string, a number or a boolean, not an object",
  },
  {
    what: "a logging profile that is not known",
    of: "SessionCluster",
    args: { logging: { loggingProfile: "loud" } },
    says: 'logging.loggingProfile: must be "default", or use log4j2ConfigurationTemplate',
  },
  {
    what: "a key of logging that is not known",
    of: "SessionCluster",
    args: { logging: { "logback.xml": "<configuration/>" } },
    says: 'logging["logback.xml"]: is not known here; the keys are log4jLoggers, loggingProfile, log4j2ConfigurationTemplate',
  },
];

const ENDPOINTS: BadInput[] = [
  {
    what: "no cluster for a running job",
    of: "FlinkDeployment",
    args: { cluster: undefined },
    says: 'cluster: is required while state is "RUNNING"',
  },
  {
    what: "both a URL and a Kubernetes Service",
    of: "FlinkEndpoint",
    args: { url: "http://localhost:8081", kubernetes: { namespace: "flink", service: "rest" } },
    says: "cluster: needs exactly one of url (an address) and kubernetes (a Service), and has both",
  },
  {
    what: "neither of the two",
    of: "FlinkEndpoint",
    args: { url: undefined },
    says: "cluster: needs exactly one of url (an address) and kubernetes (a Service), and has neither",
  },
  {
    what: "a URL with credentials in it",
    of: "FlinkEndpoint",
    args: { url: "https://u:swordfish@h" },
    says: "cluster.url: must not hold credentials (user:password@): give them as basicAuth",
  },
  {
    what: "credentials over plain http to another machine",
    of: "FlinkEndpoint",
    args: { url: "http://flink.example.org:8081", bearerToken: "swordfish" },
    says: "cluster.url is plain http to another machine (flink.example.org:8081): the credentials are sent readable for anyone on the way; use https",
    isWarning: true,
  },
];

/** Of an asset that is an archive. */
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** A jar that is as it should be, with these dependencies. */
function dependencies(...additionalDependencies: string[]): (library: string) => Record<string, unknown> {
  return (jarUri) => ({ artifact: { jarUri, entryClass: "org.example.Library", additionalDependencies } });
}

const ARTIFACTS: BadInput[] = [
  {
    what: "an address without a scheme",
    of: "FlinkDeployment",
    args: { artifact: { jarUri: "job.jar" } },
    says: 'artifact.jarUri: has no scheme (allowed: file://, http://, https://, s3://, local://); for a file beside the program use jar: new pulumi.asset.FileAsset("path")',
  },
  {
    what: "an address of an unknown scheme",
    of: "FlinkDeployment",
    args: { artifact: { jarUri: "ftp://jars.example.org/job.jar" } },
    says: "artifact.jarUri: has the scheme ftp://, from which jars cannot be read; allowed: file://, http://, https://, s3://, local://",
  },
  {
    what: "a bucket without a file",
    of: "FlinkDeployment",
    args: { artifact: { jarUri: "s3://jars" } },
    says: 'artifact.jarUri: must name a bucket and a file in it: "s3://bucket/path/job.jar"',
  },
  {
    what: "a host that is link-local",
    of: "FlinkDeployment",
    args: { artifact: { jarUri: "http://169.254.169.254/job.jar" } },
    says: "artifact.jarUri: is at 169.254.169.254, an address where clouds keep credentials, and nobody keeps jars",
  },
  {
    what: "an archive in place of a jar",
    of: "FlinkDeployment",
    args: { artifact: { jar: { ...fileAsset(README), "4dabf18193072939515e22adb298388d": ARCHIVE } } },
    says: "artifact.jar: is an archive; give the jar itself as a pulumi.asset.FileAsset or RemoteAsset",
  },
  {
    what: "a text in place of a jar",
    of: "FlinkDeployment",
    args: { artifact: { jar: { ...fileAsset(""), text: "a jar" } } },
    says: "artifact.jar: is a StringAsset, but a jar is not text; give a pulumi.asset.FileAsset or RemoteAsset",
  },
  {
    what: "no such file",
    of: "FlinkDeployment",
    args: { artifact: { jarUri: "file:///none/job.jar" } },
    says: "artifact.jarUri: does not exist: there is no file /none/job.jar",
  },
  {
    what: "a file that is no jar",
    of: "FlinkDeployment",
    args: { artifact: { jarUri: `file://${README}` } },
    says: "artifact.jarUri: is not a jar: End of central directory record signature not found. Either not a zip file, or file is truncated.",
  },
  {
    what: "an asset that is no jar",
    of: "FlinkDeployment",
    args: { artifact: { jar: fileAsset(README) } },
    says: "artifact.jar: is not a jar: End of central directory record signature not found. Either not a zip file, or file is truncated.",
  },
  {
    what: "a jar without the entry class",
    of: "FlinkDeployment",
    args: (library) => ({ artifact: { jarUri: library, entryClass: "org.example.Main" } }),
    says: "artifact.entryClass: is org.example.Main, which the jar does not hold",
  },
  {
    what: "no entry class anywhere",
    of: "FlinkDeployment",
    args: (library) => ({ artifact: { jarUri: library } }),
    says: "artifact.entryClass: is not given, and the jar's manifest names no Main-Class or program-class either: give the class whose main method defines the job",
  },
  {
    what: "another jar than the one that is pinned",
    of: "FlinkDeployment",
    args: (library) => ({ artifact: { jarUri: library, sha256: "0".repeat(64) } }),
    says: "artifact.sha256: asks for a jar of SHA-256 0000000000000000000000000000000000000000000000000000000000000000, but the jar there has 5bc05fb92d30372097f2a1972a95ed86d4e52d1220b46da1346c89c68aee74e8",
  },
  {
    what: "a dependency without a scheme",
    of: "FlinkDeployment",
    args: dependencies("https://jars.example.org/a.jar", "lib/b.jar"),
    says: "artifact.additionalDependencies[1]: has no scheme (allowed: file://, http://, https://, s3://); for a file beside the program write its whole path, file:///path",
  },
  {
    what: "a dependency of an unknown scheme",
    of: "FlinkDeployment",
    args: dependencies("maven://org.example/b"),
    says: "artifact.additionalDependencies[0]: has the scheme maven://, from which jars cannot be read; allowed: file://, http://, https://, s3://",
  },
  {
    what: "two dependencies of one name",
    of: "FlinkDeployment",
    args: dependencies("https://jars.example.org/1/a.jar", "https://jars.example.org/2/a.jar"),
    says: "artifact.additionalDependencies[1]: would be lib/a.jar in the job's jar, as additionalDependencies[0]; leave one out, or rename it",
  },
  {
    what: "a dependency that does not exist",
    of: "FlinkDeployment",
    args: dependencies("file:///none/a.conf"),
    says: "artifact.additionalDependencies[0]: does not exist: there is no file /none/a.conf",
  },
  {
    what: "dependencies of a jar in the image",
    of: "FlinkDeployment",
    args: { artifact: { jarUri: "local:///opt/job.jar", additionalDependencies: ["https://jars.example.org/a.jar"] } },
    says: "artifact.additionalDependencies: has no meaning for a jar that lies in the cluster's image, and that only the cluster reads: nothing can be packed into it; put what it needs into the image's lib/",
  },
  {
    what: "both an asset and an address",
    of: "FlinkDeployment",
    args: { artifact: { jar: fileAsset(README), jarUri: "https://jars.example.org/job.jar" } },
    says: "artifact: needs exactly one of jar (an asset) and jarUri (an address), and has both",
  },
];

/** Every row, in the order in which it is read. */
export const BAD_INPUT: readonly BadInput[] = [
  ...NAMES,
  ...VERSIONS,
  ...NUMBERS,
  ...CONFIGURATION,
  ...STATE,
  ...SAVEPOINTS,
  ...ENDPOINTS,
  ...ARTIFACTS,
];
