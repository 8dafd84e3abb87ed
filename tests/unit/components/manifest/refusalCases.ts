import type { Changes } from "./documents";

/*
 * Documents with one mistake, and what is said of it. docs/manifests.md has a row for each message that is not about a
 * single word or type.
 */

const TEMPLATE = "spec.template.spec";

/** A mistake: the least of a document with these changes. */
export type Refusal = readonly [why: string, changes: Changes, issue: string | RegExp];

/** In either mode. */
export const REFUSALS: readonly Refusal[] = [
  ["no kind", { document: { kind: undefined } }, "kind: is required"],
  [
    "a SessionCluster",
    { document: { kind: "SessionCluster" } },
    'kind: must be Deployment, but is "SessionCluster": declare a SessionCluster in the program, and name it in sessionClusters',
  ],
  ["a DeploymentTarget", { document: { kind: "DeploymentTarget" } }, /: name its namespace in deploymentTargets$/],
  [
    "the operator's document",
    { document: { kind: "FlinkDeployment" } },
    /, a document of the Flink Kubernetes Operator$/,
  ],
  ["a kind in lower case", { document: { kind: "deployment" } }, 'kind: must be Deployment, but is "deployment"'],
  [
    "Kubernetes' own Deployment",
    { document: { apiVersion: "apps/v1" } },
    `apiVersion: must be v1, but is "apps/v1", which is Kubernetes' own`,
  ],
  ["an unknown key", { spec: { paralelism: 2 } }, /^spec\.paralelism: is not known here; the keys are state, /],
  [
    "a key that is nearly right",
    { template: { paralelism: 2 } },
    `${TEMPLATE}.paralelism: is not known here; did you mean parallelism?`,
  ],
  [
    "an unknown key in a list",
    { spec: { sessionCluster: "a" } },
    /spec\.sessionCluster: .*did you mean sessionClusterName\?/,
  ],
  [
    "a strategy that is none",
    { spec: { upgradeStrategy: { kind: "statefull" } } },
    'spec.upgradeStrategy.kind: is "statefull", which is not known; did you mean STATEFUL?; allowed: STATEFUL, STATELESS, NONE',
  ],
  [
    "a strategy without a kind",
    { spec: { upgradeStrategy: {} } },
    "spec.upgradeStrategy.kind: must be one of STATEFUL, STATELESS, NONE, not missing",
  ],
  ["no attempts", { spec: { maxJobCreationAttempts: 0 } }, "spec.maxJobCreationAttempts: must be at least 1, but is 0"],
  [
    "a number as a text",
    { template: { parallelism: "2" } },
    `${TEMPLATE}.parallelism: must be a whole number, not a string`,
  ],
  [
    "a time without a unit",
    { spec: { jobFailureExpirationTime: 321 } },
    'spec.jobFailureExpirationTime: must be a duration with its unit, such as "321 s", not a number',
  ],
  ["a time of an unknown unit", { spec: { jobFailureExpirationTime: "3 weeks" } }, /has the unknown unit "weeks"/],
  [
    "state that may be dropped, where none is restored",
    { spec: { restoreStrategy: { kind: "none", allowNonRestoredState: true } } },
    /^spec\.restoreStrategy\.allowNonRestoredState: has no meaning with kind NONE/,
  ],
  [
    "the deprecated key beside the one that has replaced it",
    { spec: { startFromSavepoint: { kind: "latest" }, restoreStrategy: { kind: "none" } } },
    "spec.startFromSavepoint: excludes restoreStrategy, which has replaced it; leave it out",
  ],
  [
    "neither mode",
    { spec: { sessionClusterName: undefined } },
    "spec: needs either deploymentTargetName (or deploymentTargetId), for application mode, or sessionClusterName, and has neither",
  ],
  ["both modes", { spec: { deploymentTargetId: "57b4" } }, /^spec: needs either .*, and has both$/],
  ["no name", { metadata: { name: undefined } }, "metadata.name: is required"],
  ["no metadata", { document: { metadata: undefined } }, "metadata.name: is required"],
  ["metadata that are none", { document: { metadata: ["orders"] } }, "metadata: must be an object, not a list"],
  [
    "a name without letters",
    { metadata: { name: "注文" } },
    /^metadata\.name: must hold letters or digits of the Latin/,
  ],
  ["labels that are none", { metadata: { labels: "a" } }, "metadata.labels: must be an object, not a string"],
  [
    "a label that is no text",
    { metadata: { labels: { a: ["b"] } } },
    "metadata.labels.a: must be a string, a number or a boolean, not a list",
  ],
  [
    "a job's id that is none",
    { metadata: { annotations: { "deployment.sessionmode.force-cancellation": "$jobId" } } },
    'metadata.annotations["deployment.sessionmode.force-cancellation"]: must be the id of a job, 32 hexadecimal digits, but is "$jobId"',
  ],
  [
    "a timeout that is none",
    { metadata: { annotations: { "deployment.sessionmode.job-submission-timeout-seconds": "5 min" } } },
    'metadata.annotations["deployment.sessionmode.job-submission-timeout-seconds"]: must be a whole number of seconds, at least 1, but is "5 min"',
  ],
  ["no spec", { document: { spec: undefined } }, "spec: is required"],
  ["no template", { spec: { template: undefined } }, "spec.template: is required"],
  ["no artifact", { template: { artifact: undefined } }, `${TEMPLATE}.artifact: is required`],
  ["no jar", { artifact: { jarUri: undefined } }, `${TEMPLATE}.artifact.jarUri: is required`],
  [
    "SQL",
    { artifact: { kind: "SQLSCRIPT" } },
    `${TEMPLATE}.artifact.kind: SQLSCRIPT is not available in this version; allowed: JAR`,
  ],
  ["a jar without a scheme", { artifact: { jarUri: "orders.jar" } }, /\.artifact\.jarUri: has no scheme/],
  ["a jar of an unknown scheme", { artifact: { jarUri: "ftp://h/a.jar" } }, /jarUri: has the scheme ftp:\/\//],
  [
    "a bucket in place of a jar",
    { artifact: { jarUri: "s3://bucket" } },
    `${TEMPLATE}.artifact.jarUri: must name a bucket and a file in it: "s3://bucket/path/job.jar"`,
  ],
  [
    "a jar whose address only the platform knows",
    { artifact: { jarUri: "https://u:${REPO_PASSWORD}@repo.example.org/a.jar" } },
    `${TEMPLATE}.artifact.jarUri: holds \${REPO_PASSWORD}, which only the platform fills in; write what it stands for, or take it out`,
  ],
  [
    "credentials in an address",
    { artifact: { jarUri: "https://u:hunter2@repo.example.org/a.jar" } },
    `${TEMPLATE}.artifact.jarUri: must not hold credentials (user:password@): give them as httpHeaders`,
  ],
  [
    "a dependency in the image",
    { artifact: { additionalDependencies: ["https://h/a.jar", "local:///opt/b.jar"] } },
    `${TEMPLATE}.artifact.additionalDependencies[1]: lies in the cluster's image, from which nothing can be packed into the jar: put it into the image's lib/`,
  ],
  [
    "a dependency that is a folder",
    { artifact: { additionalDependencies: ["https://h/libraries/"] } },
    `${TEMPLATE}.artifact.additionalDependencies[0]: must end with the name of the file: it becomes a file of that name in the job's jar`,
  ],
  [
    "a dependency whose address only the platform knows",
    { artifact: { additionalDependencies: ["s3://{{ bucket }}/a.jar"] } },
    /additionalDependencies\[0\]: holds \{\{ bucket \}\}, which only the platform fills in/,
  ],
  [
    "dependencies that are no list",
    { artifact: { additionalDependencies: "b.jar" } },
    /additionalDependencies: must be a list, not a string/,
  ],
  ["a quote that is not closed", { artifact: { mainArgs: `--a "b` } }, /\.artifact\.mainArgs: has a quote/],
  [
    "a class that is none",
    { artifact: { entryClass: "org/example/Main" } },
    /\.artifact\.entryClass: must be the full name/,
  ],
  [
    "an old Flink",
    { artifact: { flinkVersion: "1.16" } },
    `${TEMPLATE}.artifact.flinkVersion: is 1.16: Flink 1.16.0 is too old: 1.17.0 is the oldest that is supported. Give another as the option flinkVersion.`,
  ],
  [
    "a Flink that is none",
    { artifact: { flinkVersion: "latest" } },
    /flinkVersion: is latest: "latest" is not a full Flink/,
  ],
  [
    "a value that only the platform knows",
    { template: { flinkConfiguration: { "state.savepoints.dir": "s3://b/{{ deploymentId }}" } } },
    `${TEMPLATE}.flinkConfiguration["state.savepoints.dir"]: holds {{ deploymentId }}, which only the platform fills in; write what it stands for, or take it out`,
  ],
  [
    "a value that is no scalar",
    { template: { flinkConfiguration: { "a.b": { c: 1 } } } },
    `${TEMPLATE}.flinkConfiguration["a.b"]: must be a string, a number or a boolean, not an object`,
  ],
];

const CLUSTERS_OWN: readonly [path: string, changes: Changes][] = [
  [`${TEMPLATE}.numberOfTaskManagers`, { template: { numberOfTaskManagers: 2 } }],
  [`${TEMPLATE}.resources`, { template: { resources: { jobmanager: { cpu: 1 } } } }],
  [`${TEMPLATE}.logging`, { template: { logging: { loggingProfile: "default" } } }],
  [`${TEMPLATE}.kubernetes`, { template: { kubernetes: { labels: { a: "b" } } } }],
  [`${TEMPLATE}.artifact.flinkImageRegistry`, { artifact: { flinkImageRegistry: "a" } }],
  [`${TEMPLATE}.artifact.flinkImageRepository`, { artifact: { flinkImageRepository: "a" } }],
  [`${TEMPLATE}.artifact.flinkImageTag`, { artifact: { flinkImageTag: "a" } }],
];

/** In session mode alone. */
export const SESSION_REFUSALS: readonly Refusal[] = CLUSTERS_OWN.map(([path, changes]) => [
  `${path} is not its own`,
  changes,
  `${path}: is the session cluster's in session mode; declare it there`,
]);

const configured = (flinkConfiguration: Record<string, unknown>): Changes => ({ template: { flinkConfiguration } });
const at = (key: string): string => `${TEMPLATE}.flinkConfiguration["${key}"]`;
const pods = (options: Record<string, unknown>): Changes => ({ template: { kubernetes: { pods: options } } });

/** In application mode alone. */
export const APPLICATION_REFUSALS: readonly Refusal[] = [
  [
    "a name that is too long for Kubernetes",
    { metadata: { name: "a".repeat(37) } },
    /^metadata\.name: must be at most 36 characters long/,
  ],
  ["a name that begins with a digit", { metadata: { name: "2nd" } }, /^metadata\.name: .*begin with a letter/],
  ["no TaskManagers", { template: { numberOfTaskManagers: 0 } }, /numberOfTaskManagers: must be at least 1, but is 0/],
  [
    "a memory without a unit",
    { template: { resources: { taskManager: { memory: "1024" } } } },
    /^spec\.template\.spec\.resources\.taskManager\.memory: must be an amount of memory/,
  ],
  [
    "a CPU that is none",
    { template: { resources: { jobmanager: { cpu: "one" } } } },
    /^spec\.template\.spec\.resources\.jobmanager\.cpu: must be a number of CPUs/,
  ],
  [
    "a role twice",
    { template: { resources: { jobManager: { cpu: 1 }, jobmanager: { cpu: 2 } } } },
    `${TEMPLATE}.resources.jobManager: is there twice: as jobmanager too`,
  ],
  [
    "an image of another Flink",
    { artifact: { flinkVersion: "1.20.0", flinkImageTag: "1.19.1-java11" } },
    `${TEMPLATE}.artifact.flinkImageTag: is 1.19.1-java11, an image of another Flink than 1.20.0`,
  ],
  [
    "slots that are none",
    configured({ "taskmanager.numberOfTaskSlots": "two" }),
    `${at("taskmanager.numberOfTaskSlots")}: must be a whole number, at least 1, but is "two"`,
  ],
  [
    "ZooKeeper",
    configured({ "high-availability": "zookeeper" }),
    `${at("high-availability")}: must be kubernetes or NONE, but is "zookeeper"`,
  ],
  [
    "high availability's data on a volume",
    configured({ "high-availability.storageDir": "file:///data" }),
    /storageDir"\]: is on a volume, which no document can name/,
  ],
  [
    "storage of an unknown scheme",
    configured({ "high-availability.storageDir": "ftp://data" }),
    /^spec\.template\.spec\.flinkConfiguration\["high-availability\.storageDir"\]: has the scheme "ftp"/,
  ],
  [
    "a setting of the cluster's own",
    configured({ "taskmanager.memory.process.size": "2g" }),
    `${at("taskmanager.memory.process.size")}: is set by the cluster itself: use resources.taskManager.memory`,
  ],
  [
    "a folder without a scheme",
    configured({ "state.savepoints.dir": "/savepoints" }),
    /savepoints\.dir"\]: must begin with the scheme of its storage/,
  ],
  [
    "a level that is none",
    { template: { logging: { log4jLoggers: { "": "VERBOSE" } } } },
    /^spec\.template\.spec\.logging\.log4jLoggers\[""\]: is "VERBOSE"/,
  ],
  [
    "a profile of the platform's own",
    { template: { logging: { loggingProfile: "elastic" } } },
    `${TEMPLATE}.logging.loggingProfile: must be "default", or use log4j2ConfigurationTemplate`,
  ],
  [
    "logging in XML",
    { template: { logging: { log4j2ConfigurationTemplate: '<?xml version="1.0"?><Configuration/>' } } },
    /log4j2ConfigurationTemplate: is XML, as the platform has it; write the same as properties/,
  ],
  [
    "two ways to log",
    { template: { logging: { loggingProfile: "default", log4j2ConfigurationTemplate: "a = b" } } },
    /logging\.loggingProfile: excludes logging\.log4j2ConfigurationTemplate/,
  ],
  [
    "TLS of the platform's own",
    {
      spec: {
        template: {
          metadata: { annotations: { "flink.security.ssl.enabled": "true" } },
          spec: { artifact: { kind: "jar", jarUri: "https://repo.example.org/orders.jar" } },
        },
      },
    },
    /^spec\.template\.metadata\.annotations\["flink\.security\.ssl\.enabled"\]: is the platform's own TLS/,
  ],
  [
    "pod options beside pod templates",
    { template: { kubernetes: { pods: {}, jobManagerPodTemplate: {} } } },
    /kubernetes\.pods: excludes jobManagerPodTemplate and taskManagerPodTemplate/,
  ],
  [
    "a variable that the cluster needs",
    pods({ envVars: [{ name: "POD_IP", value: "a" }] }),
    /^spec\.template\.spec\.kubernetes\.pods\.envVars/,
  ],
  ["a variable without a name", pods({ envVars: [{ value: "a" }] }), /pods\.envVars\[0\]\.name: is required/],
  [
    "an option of pods that is none",
    pods({ nodeSelectors: {} }),
    `${TEMPLATE}.kubernetes.pods.nodeSelectors: is not known here; did you mean nodeSelector?`,
  ],
  [
    "a volume of another name than its mount",
    pods({ volumeMounts: [{ name: "a", volume: { name: "b" }, volumeMount: { mountPath: "/a" } }] }),
    `${TEMPLATE}.kubernetes.pods.volumeMounts[0].volume.name: must be "a", as the whole is named, or be left out`,
  ],
  [
    "labels by which the cluster finds its pods",
    pods({ labels: { "flink.pulumi.com/cluster": "a" } }),
    /^spec\.template\.spec\.kubernetes\.pods\.metadata\.labels: must not hold flink\.pulumi\.com\/cluster/,
  ],
  ["tolerations that are no list", pods({ tolerations: {} }), /pods\.tolerations: must be a list, not an object/],
];
