import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ParsedDeployment } from "../../../../index";
import { lines, parsedApplication, parsedSession } from "./documents";

const TEMPLATE = "spec.template.spec";

/** The one warning of a document. */
function warning({ warnings }: ParsedDeployment): string {
  assert.equal(warnings.length, 1, lines(warnings).join("\n"));
  return lines(warnings)[0] ?? "";
}

describe("a Deployment, translated", () => {
  it("says nothing that its document does not: defaults are not its own", () => {
    const artifact = { jarUri: "https://repo.example.org/orders.jar" };
    assert.deepEqual(parsedSession(), {
      kind: "session",
      name: "orders",
      sessionClusterName: "shared",
      args: { artifact },
      warnings: [],
    });
    assert.deepEqual(parsedApplication(), {
      kind: "application",
      name: "orders",
      deploymentTarget: { name: "default" },
      args: { artifact },
      warnings: [],
    });
  });

  for (const [written, state] of [
    ["running", "RUNNING"],
    ["CANCELED", "CANCELLED"],
    ["cancelled", "CANCELLED"],
    ["Suspended", "SUSPENDED"],
  ]) {
    it(`knows the state ${written}`, () => assert.equal(parsedSession({ spec: { state: written } }).args.state, state));
  }

  it("takes strategies in any case", () => {
    const { args } = parsedSession({
      spec: { upgradeStrategy: { kind: "none" }, restoreStrategy: { kind: "Latest_Savepoint" } },
    });
    assert.deepEqual([args.upgradeStrategy, args.restoreStrategy], [{ kind: "NONE" }, { kind: "LATEST_SAVEPOINT" }]);
  });

  for (const [kind, restore] of [
    ["LATEST", "LATEST_SAVEPOINT"],
    ["none", "NONE"],
  ]) {
    it(`takes the deprecated startFromSavepoint ${kind} for restoreStrategy ${restore}`, () => {
      const parsed = parsedSession({ spec: { startFromSavepoint: { kind } } });
      assert.deepEqual(parsed.args.restoreStrategy, { kind: restore });
      assert.equal(
        warning(parsed),
        `spec.startFromSavepoint: is deprecated, and becomes restoreStrategy.kind ${restore}`,
      );
    });
  }

  for (const [written, time] of [
    ["321 s", "321 s"],
    ["123ms", "123ms"],
    [0, 0],
    ["0", 0],
  ] as const) {
    it(`takes ${JSON.stringify(written)} as a jobFailureExpirationTime`, () => {
      const { args } = parsedSession({ spec: { jobFailureExpirationTime: written } });
      assert.equal(args.jobFailureExpirationTime, time);
    });
  }

  it("is placed by the id of its target, by its name, or by both", () => {
    const targetOf = (spec: object) => parsedApplication({ spec: { deploymentTargetName: undefined, ...spec } });
    assert.deepEqual(targetOf({ deploymentTargetId: "57b4" }).deploymentTarget, { id: "57b4" });
    assert.deepEqual(targetOf({ deploymentTargetId: "57b4", deploymentTargetName: "a" }).deploymentTarget, {
      id: "57b4",
      name: "a",
    });
  });

  it("has a name that a resource can have, with the original as its display name", () => {
    for (const [written, name] of [
      ["Orders & Bills", "orders-bills"],
      ["  Top_Speed  ", "top-speed"],
      ["Übersicht", "ubersicht"],
    ] as const) {
      const parsed = parsedSession({ metadata: { name: written } });
      assert.deepEqual([parsed.name, parsed.args.displayName], [name, written]);
    }
    const named = parsedSession({ metadata: { name: "Orders", displayName: "All orders" } });
    assert.equal(named.args.displayName, "All orders");
    assert.equal(warning(named), 'metadata.name: is "Orders", and becomes "orders"');
  });

  it("may be named without a name of its own", () => {
    assert.equal(parsedSession({ metadata: { name: undefined } }, { name: "mine" }).name, "mine");
  });

  it("takes the annotations of the document and of its template, and settings out of them", () => {
    const { args } = parsedSession({
      metadata: {
        annotations: {
          owner: "a",
          "deployment.sessionmode.force-cancellation": "57B4C290-73ad-11e7-8cf7-a6006ad3dba0",
          "deployment.sessionmode.job-submission-timeout-seconds": 60,
        },
      },
      spec: {
        template: {
          metadata: { annotations: { reason: "b", "flink.security.ssl.enabled": false } },
          spec: { artifact: { kind: "JAR", jarUri: "https://repo.example.org/orders.jar" } },
        },
      },
    });
    assert.deepEqual(args.annotations, { owner: "a", reason: "b", "flink.security.ssl.enabled": "false" });
    assert.equal(args.forceCancellationOf, "57b4c29073ad11e78cf7a6006ad3dba0");
    assert.equal(args.jobSubmissionTimeout, "60 s");
  });

  const template = (annotations: object) => ({
    template: {
      metadata: { annotations },
      spec: { artifact: { kind: "JAR", jarUri: "https://repo.example.org/orders.jar" } },
    },
  });

  it("takes an annotation of the template over that of the document", () => {
    const parsed = parsedSession({ metadata: { annotations: { a: "1" } }, spec: template({ a: "2" }) });
    assert.deepEqual(parsed.args.annotations, { a: "2" });
    assert.equal(
      warning(parsed),
      'metadata.annotations["a"]: has another value in spec.template.metadata.annotations, which is taken',
    );
  });

  it("has queryable state by Flink's own setting", () => {
    const spec = { ...template({ "flink.queryable-state.enabled": "true" }), deploymentTargetName: "default" };
    const parsed = parsedApplication({ spec });
    assert.deepEqual(parsed.args.flinkConfiguration, { "queryable-state.enable": "true" });
    assert.match(warning(parsed), /becomes spec\.template\.spec\.flinkConfiguration\["queryable-state\.enable"\]/);
  });

  it("leaves out what the platform observed or needs for itself, and says so", () => {
    const parsed = parsedSession({
      metadata: {
        id: "57b4",
        namespace: "default",
        createdAt: "2020-01-01",
        modifiedAt: "2020-01-02",
        resourceVersion: 3,
      },
      template: { latestCheckpointFetchInterval: 30 },
      document: { apiVersion: "v1", status: { state: "RUNNING", running: { jobId: "1" } } },
    });
    assert.deepEqual(lines(parsed.warnings), [
      "metadata.id: is what the platform observed; it is left out",
      "metadata.createdAt: is what the platform observed; it is left out",
      "metadata.modifiedAt: is what the platform observed; it is left out",
      "metadata.resourceVersion: is what the platform observed; it is left out",
      "status: is what the platform observed; it is left out",
      "metadata.namespace: is a namespace of the platform, not of Kubernetes; it is left out",
      `${TEMPLATE}.latestCheckpointFetchInterval: is a setting of the platform; it is left out`,
    ]);
  });
});

describe("the artifact of a Deployment", () => {
  it("has its arguments as a list, or split at white space, where a backslash is an ordinary character", () => {
    assert.deepEqual(parsedSession({ artifact: { mainArgs: `--name "a b" --n 1` } }).args.artifact.mainArgs, [
      "--name",
      "a b",
      "--n",
      "1",
    ]);
    assert.deepEqual(parsedSession({ artifact: { mainArgs: "a\\ b" } }).args.artifact.mainArgs, ["a\\", "b"]);
    assert.deepEqual(parsedSession({ artifact: { mainArgs: ["a b", "c"] } }).args.artifact.mainArgs, ["a b", "c"]);
  });

  it("may lie in the image, and a file is one of this machine", () => {
    const jarUri = "local:///opt/flink/usrlib/orders.jar";
    assert.deepEqual(parsedApplication({ artifact: { jarUri } }).warnings, []);
    assert.match(
      warning(parsedApplication({ artifact: { jarUri: "file:///opt/flink/usrlib/orders.jar" } })),
      /^spec\.template\.spec\.artifact\.jarUri: is read on the machine that runs Pulumi; .*local:\/\/\//,
    );
  });

  it("may need further files, each at the address that it is at now", () => {
    const additionalDependencies = ["s3://bucket/library.jar", "https://repo.example.org/rules.json"];
    const { artifact } = parsedSession({ artifact: { additionalDependencies } }).args;
    assert.deepEqual(artifact.additionalDependencies, additionalDependencies);
    const jars = { "s3://bucket/library.jar": "s3://other/library.jar" };
    assert.deepEqual(
      parsedSession({ artifact: { additionalDependencies } }, { jars }).args.artifact.additionalDependencies,
      ["s3://other/library.jar", "https://repo.example.org/rules.json"],
    );
  });

  it("may be in S3", () => {
    const { artifact } = parsedSession({ artifact: { jarUri: "s3://bucket/orders.jar" } }).args;
    assert.equal(artifact.jarUri, "s3://bucket/orders.jar");
  });

  it("may be taken from elsewhere than its document says, also if that could not be read", () => {
    const jarUri = "s3://bucket/orders.jar";
    const asset = new pulumi.asset.FileAsset("orders.jar");
    const entryClass = "org.example.Orders";
    assert.deepEqual(parsedSession({ artifact: { jarUri, entryClass } }, { jars: { [jarUri]: asset } }).args.artifact, {
      jar: asset,
      entryClass,
    });
    const jars = { [jarUri]: "https://repo.example.org/orders.jar" };
    assert.deepEqual(parsedSession({ artifact: { jarUri } }, { jars }).args.artifact, {
      jarUri: "https://repo.example.org/orders.jar",
    });
  });
});

describe("the Flink and the image of a Deployment in application mode", () => {
  const imageOf = (artifact: object, flinkVersion?: string) => {
    const parsed = parsedApplication({ artifact: { ...artifact } }, flinkVersion === undefined ? {} : { flinkVersion });
    const { flinkVersion: version, flinkImageRegistry, flinkImageRepository, flinkImageTag } = parsed.args;
    return { image: [version, flinkImageRegistry, flinkImageRepository, flinkImageTag], parsed };
  };

  it("are as the document says", () => {
    const flinkImageRegistry = "registry.example.org";
    const flinkImageRepository = "team/flink";
    const flinkImageTag = "1.20.1-java17";
    const { image, parsed } = imageOf({
      flinkVersion: "1.20",
      flinkImageRegistry,
      flinkImageRepository,
      flinkImageTag,
    });
    assert.deepEqual(image, ["1.20.1", flinkImageRegistry, flinkImageRepository, flinkImageTag]);
    assert.deepEqual(parsed.warnings, []);
    assert.deepEqual(imageOf({ flinkVersion: "1.20.0", flinkImageTag: "orders-42" }).image[3], "orders-42");
    assert.deepEqual(imageOf({ flinkImageTag: "1.20.1" }).image[0], "1.20.1");
  });

  it("are the first of a version of two numbers", () => {
    const { image, parsed } = imageOf({ flinkVersion: "1.20" });
    assert.deepEqual(image, ["1.20.0", undefined, undefined, undefined]);
    assert.equal(warning(parsed), `${TEMPLATE}.artifact.flinkVersion: is 1.20, which has two numbers; 1.20.0 is taken`);
  });

  it("are the official ones in place of the platform's own", () => {
    const { image, parsed } = imageOf({
      flinkVersion: "1.18",
      flinkImageRegistry: "registry.example.org/v2.12",
      flinkImageTag: "1.18.1-stream3-scala_2.12-java11",
    });
    assert.deepEqual(image, ["1.18.1", undefined, undefined, undefined]);
    assert.match(warning(parsed), /one of the platform's own images; the official one of Flink 1\.18\.1 is taken/);
  });

  it("are another Flink's if one is asked for, without an image of the document's", () => {
    const { image, parsed } = imageOf(
      { flinkVersion: "1.6", flinkImageRepository: "f", flinkImageTag: "1.6.0" },
      "2.3.0",
    );
    assert.deepEqual(image, ["2.3.0", undefined, "f", undefined]);
    assert.equal(
      warning(parsed),
      `${TEMPLATE}.artifact.flinkImageTag: is 1.6.0, an image of another Flink than 2.3.0; it is left out`,
    );
  });
});

describe("the configuration of Flink in a Deployment", () => {
  const configured = (flinkConfiguration: object) => parsedApplication({ template: { flinkConfiguration } });

  it("gives slots and high availability their arguments", () => {
    const { args, warnings } = configured({
      "taskmanager.numberOfTaskSlots": 4,
      "high-availability.type": "kubernetes",
      "execution.checkpointing.interval": "10s",
    });
    assert.deepEqual(warnings, []);
    assert.deepEqual(args.flinkConfiguration, { "execution.checkpointing.interval": "10s" });
    assert.deepEqual([args.slotsPerTaskManager, args.highAvailability], [4, true]);
    assert.equal(configured({ "high-availability": "NONE" }).args.highAvailability, false);
  });

  it("makes storage of where high availability keeps its data, and of the S3 store that this is in", () => {
    const { args, warnings } = configured({
      "high-availability": "org.apache.flink.kubernetes.highavailability.KubernetesHaServicesFactory",
      "high-availability.storageDir": "s3://bucket/ha",
      "s3.endpoint": "https://s3.example.org",
      "s3.path.style.access": true,
    });
    assert.deepEqual(args.storage, {
      uri: "s3://bucket/ha",
      endpoint: "https://s3.example.org",
      pathStyleAccess: true,
    });
    assert.equal(args.highAvailability, true);
    assert.equal(args.flinkConfiguration, undefined);
    assert.deepEqual(lines(warnings), [
      `${TEMPLATE}.flinkConfiguration["high-availability.storageDir"]: becomes storage.uri: what Flink keeps goes to folders under it`,
      `${TEMPLATE}.flinkConfiguration["s3.endpoint"]: becomes storage.endpoint`,
      `${TEMPLATE}.flinkConfiguration["s3.path.style.access"]: becomes storage.pathStyleAccess`,
    ]);
  });

  it("keeps the settings of an S3 store where there is no storage", () => {
    const settings = { "s3.endpoint": "https://s3.example.org", "s3.access-key": "a" };
    assert.deepEqual(configured(settings).args.flinkConfiguration, settings);
  });

  it("knows no state backend of old, in either mode", () => {
    for (const parsed of [
      configured({ "state.backend": "jobmanager" }),
      parsedSession({ template: { flinkConfiguration: { "state.backend": "jobmanager" } } }),
    ]) {
      assert.deepEqual(parsed.args.flinkConfiguration, { "state.backend": "hashmap" });
      assert.match(warning(parsed), /is jobmanager, which has become hashmap$/);
    }
    assert.deepEqual(configured({ "state.backend": "rocksdb" }).warnings, []);
  });

  it("is a job's alone in session mode", () => {
    const flinkConfiguration = { "taskmanager.memory.managed.fraction": 0, "pipeline.max-parallelism": 128 };
    const parsed = parsedSession({ template: { flinkConfiguration } });
    assert.deepEqual(parsed.args.flinkConfiguration, { "pipeline.max-parallelism": "128" });
    assert.equal(
      warning(parsed),
      `${TEMPLATE}.flinkConfiguration["taskmanager.memory.managed.fraction"]: is read by a cluster's processes, not by a job; it is left out`,
    );
  });
});

describe("the cluster of a Deployment in application mode", () => {
  it("has its resources by either spelling", () => {
    const camel = { jobManager: { cpu: 0.5, memory: "1g" }, taskManager: { cpu: "500m" } };
    const lower = { jobmanager: camel.jobManager, taskmanager: camel.taskManager };
    for (const resources of [camel, lower]) {
      assert.deepEqual(parsedApplication({ template: { resources } }).args.resources, camel);
    }
  });

  it("has pods as the document's options say", () => {
    const affinity = { nodeAffinity: {} };
    const tolerations = [{ key: "flink", operator: "Exists" }];
    const securityContext = { fsGroup: 1000 };
    const fromSecret = { secretKeyRef: { name: "keys", key: "a" } };
    const { args } = parsedApplication({
      template: {
        kubernetes: {
          labels: { team: "a" },
          pods: {
            annotations: { "prometheus.io/scrape": true },
            labels: { tier: "b" },
            nodeSelector: { zone: "c" },
            affinity,
            tolerations,
            securityContext,
            imagePullSecrets: [{ name: "registry" }],
            envVars: [
              { name: "A", value: 1 },
              { name: "B", valueFrom: fromSecret },
            ],
            volumeMounts: [
              {
                name: "data",
                volume: { name: "data", persistentVolumeClaim: { claimName: "data" } },
                volumeMount: { mountPath: "/data", mountPropagation: "None" },
              },
            ],
          },
        },
      },
    });
    assert.deepEqual(args.kubernetes, {
      labels: { team: "a" },
      imagePullSecrets: ["registry"],
      envVars: [
        { name: "A", value: "1" },
        { name: "B", valueFrom: fromSecret },
      ],
      podTemplate: {
        metadata: { annotations: { "prometheus.io/scrape": "true" }, labels: { tier: "b" } },
        spec: {
          affinity,
          tolerations,
          securityContext,
          nodeSelector: { zone: "c" },
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
          containers: [
            {
              name: "flink-main-container",
              volumeMounts: [{ name: "data", mountPath: "/data", mountPropagation: "None" }],
            },
          ],
        },
      },
    });
  });

  it("has pods as the document's templates say", () => {
    const spec = { containers: [{ name: "flink-main-container", env: [{ name: "A", value: "b" }] }] };
    const { args } = parsedApplication({
      template: {
        kubernetes: {
          jobManagerPodTemplate: { apiVersion: "v1", kind: "Pod", spec },
          taskManagerPodTemplate: { spec },
        },
      },
    });
    assert.deepEqual(args.kubernetes, { jobManagerPodTemplate: { spec }, taskManagerPodTemplate: { spec } });
  });

  it("logs as the document says", () => {
    const log4j2ConfigurationTemplate = "rootLogger.level = {{ rootLoggerLogLevel }}";
    const { args } = parsedApplication({
      template: { logging: { log4j2ConfigurationTemplate, log4jLoggers: { a: "warn" } } },
    });
    assert.deepEqual(args.logging, { log4j2ConfigurationTemplate, log4jLoggers: { a: "WARN" } });
  });
});
