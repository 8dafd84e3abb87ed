import assert from "node:assert/strict";
import { parse } from "yaml";
import { checkCluster, podPartsOf, specOf } from "../../../../components/kubernetes/check";
import { configurationFile, settingsOf } from "../../../../components/kubernetes/configuration";
import { log4jProperties } from "../../../../components/kubernetes/logging";
import * as objects from "../../../../components/kubernetes/objects";
import { podTemplateOf } from "../../../../components/kubernetes/pods";
import { cpuQuantity, memoryQuantity, parseCpu, parseMemory } from "../../../../components/kubernetes/quantities";
import type { Role } from "../../../../components/kubernetes/names";

const AT = {
  name: "orders",
  clusterId: "orders-01234567",
  configMap: "c",
  storageSecret: undefined,
  serviceAccount: "a",
};
const OBJECT = { name: "orders", clusterId: AT.clusterId, namespace: "flink", labels: {}, annotations: {} };

function accepted(args: object) {
  const { args: checked, failures } = checkCluster("orders", { flinkVersion: "1.20.0", ...args });
  assert.deepEqual(failures, []);
  return checked;
}

function settings(args: object): Record<string, string> {
  const checked = accepted(args);
  return settingsOf(specOf(checked), AT.clusterId, checked.flinkConfiguration);
}

interface Pod {
  metadata: { labels: Record<string, string> };
  spec: {
    automountServiceAccountToken: boolean;
    containers: ({ args: string[]; env: { name: string; value?: string; valueFrom?: object }[] } & Record<
      string,
      unknown
    >)[];
    volumes: { name: string }[];
  } & Record<string, unknown>;
}

interface Hooked {
  lifecycle: { postStart: { exec: { command: string[] } } };
}

function pod(args: object, role: Role = "jobmanager", at = AT) {
  const checked = accepted(args);
  const template = podTemplateOf(specOf(checked), role, podPartsOf(checked), at) as unknown as Pod;
  const [main] = template.spec.containers;
  assert.ok(main);
  const variable = (name: string) => main.env.find((one) => one.name === name);
  return { ...template, main, variable };
}

describe("amounts", () => {
  it("of memory are read in Flink's units, and in Kubernetes'", () => {
    const gibi = 1024 ** 3;
    for (const text of ["2g", "2G", "2 gb", "2048m", "2Gi", "2048Mi", "2147483648b", "2097152Ki"]) {
      assert.equal(parseMemory(text), 2 * gibi, text);
    }
    assert.equal(parseMemory("1.5Gi"), 1.5 * gibi);
    for (const text of ["2", "2x", "-1g", "0.3b", ""]) assert.throws(() => parseMemory(text), text);
    assert.equal(memoryQuantity(2 * gibi), "2048Mi");
    assert.equal(memoryQuantity(1000), "1000");
  });

  it("of CPU are read as numbers and as thousandths", () => {
    assert.deepEqual([1, 0.5, "250m", "2", "0.1"].map(parseCpu), [1000, 500, 250, 2000, 100]);
    for (const value of [0, "m", "1u", "0.0001"]) assert.throws(() => parseCpu(value), String(value));
    assert.deepEqual([cpuQuantity(2000), cpuQuantity(250)], ["2", "250m"]);
  });
});

describe("Flink's configuration on Kubernetes", () => {
  it("has the user's settings over the defaults, and the cluster's own over both", () => {
    const all = settings({ flinkConfiguration: { "web.refresh-interval": 3000, a: true }, slotsPerTaskManager: 3 });
    assert.equal(all["web.refresh-interval"], "3000");
    assert.equal(all["a"], "true");
    assert.equal(all["taskmanager.numberOfTaskSlots"], "3");
    assert.equal(all["jobmanager.rpc.address"], "orders-01234567-jobmanager");
    assert.equal(all["taskmanager.memory.process.size"], `${1728 * 1024 ** 2}b`);
    assert.equal(all["high-availability.type"], undefined);
  });

  it("has the places of all that must last, by the names of each version", () => {
    const storage = { uri: "s3://bucket/flink/" };
    const newest = settings({ storage });
    assert.equal(newest["execution.checkpointing.dir"], "s3://bucket/flink/checkpoints");
    assert.equal(newest["execution.checkpointing.savepoint-dir"], "s3://bucket/flink/savepoints");
    assert.equal(newest["high-availability.storageDir"], "s3://bucket/flink/high-availability");
    assert.equal(newest["high-availability.cluster-id"], AT.clusterId);
    assert.equal(newest["kubernetes.cluster-id"], AT.clusterId);
    const old = settings({ storage, flinkVersion: "1.17.2" });
    assert.equal(old["state.checkpoints.dir"], "s3://bucket/flink/checkpoints");
    const own = settings({ storage, flinkConfiguration: { "state.savepoints.dir": "s3://other" } });
    assert.equal(own["execution.checkpointing.savepoint-dir"], undefined);
    assert.equal(settings({ storage, highAvailability: false })["high-availability.type"], undefined);
    const RESULTS = "job-result-store.delete-on-commit";
    assert.equal(newest[RESULTS], "false");
    assert.equal(settings({ storage, flinkConfiguration: { [RESULTS]: "true" } })[RESULTS], "true");
    assert.equal(settings({ storage, highAvailability: false })[RESULTS], undefined);
  });

  it("tells Flink of a store that is not Amazon's", () => {
    const all = settings({ storage: { uri: "s3://b", endpoint: "http://minio:9000", pathStyleAccess: true } });
    assert.equal(all["s3.endpoint"], "http://minio:9000");
    assert.equal(all["s3.path.style.access"], "true");
  });

  it("opens Java's modules where the version's own file would, and keeps the user's options", () => {
    const options = settings({ flinkConfiguration: { "env.java.opts.all": "-Dmine=1" } })["env.java.opts.all"] ?? "";
    assert.match(options, /--add-opens=java\.base\/java\.util=ALL-UNNAMED .*-Dmine=1$/);
    assert.equal(settings({ flinkVersion: "1.17.2" })["env.java.opts.all"], undefined);
  });

  it("is a YAML file since 1.19, and lines of key and value before", () => {
    const file = configurationFile("1.19.0", { "a.b": "x: #1", c: "2" });
    assert.equal(file.name, "config.yaml");
    assert.deepEqual(parse(file.text), { "a.b": "x: #1", c: "2" });
    assert.deepEqual(configurationFile("1.18.1", { a: "b", c: "2" }), {
      name: "flink-conf.yaml",
      text: "a: b\nc: 2\n",
    });
  });
});

describe("the logging's file", () => {
  it("has levels for the root and for others", () => {
    const text = log4jProperties({ log4jLoggers: { "": "WARN", "org.example": "DEBUG" } });
    assert.match(text, /^rootLogger\.level = WARN$/m);
    assert.match(text, /^logger\.user0\.name = org\.example\nlogger\.user0\.level = DEBUG$/m);
    assert.match(log4jProperties({ log4jLoggers: {} }), /^rootLogger\.level = INFO$/m);
  });

  it("is the user's own where there is a template", () => {
    const log4j2ConfigurationTemplate = "root={{rootLoggerLogLevel}}\n{{ userConfiguredLoggers }}";
    assert.equal(
      log4jProperties({ log4jLoggers: { a: "OFF" }, log4j2ConfigurationTemplate }),
      "root=INFO\nlogger.user0.name = a\nlogger.user0.level = OFF",
    );
  });
});

describe("the pods of a cluster", () => {
  it("start Flink, a JobManager with an address of its own only where another may lead", () => {
    assert.deepEqual(pod({}).main.args, ["jobmanager"]);
    const storage = { uri: "gs://b" };
    const namespace = ["-D", "kubernetes.namespace=$(POD_NAMESPACE)"];
    const address = ["-D", "jobmanager.rpc.address=$(POD_IP)"];
    assert.deepEqual(pod({ storage }).main.args, ["jobmanager", ...address, ...namespace]);
    const host = ["-D", "taskmanager.host=$(POD_IP)"];
    assert.deepEqual(pod({}, "taskmanager").main.args, ["taskmanager", ...host]);
    assert.deepEqual(pod({ storage }, "taskmanager").main.args, ["taskmanager", ...host, ...namespace]);
    assert.deepEqual(
      [pod({}), pod({ storage })].map(({ spec }) => spec.automountServiceAccountToken),
      [false, true],
    );
  });

  it("offer the jars of their image that jobs name, by links that Flink lists as uploads", () => {
    const localArtifacts = ["local:///opt/flink/usrlib/it's.jar"];
    const { lifecycle } = pod({ localArtifacts }).main as unknown as Hooked;
    const script = lifecycle.postStart.exec.command.at(-1) ?? "";
    assert.match(
      script,
      /^mkdir -p \/tmp\/pulumi-flink\/flink-web-upload && test -r '\/opt\/flink\/usrlib\/it'\\''s\.jar'/,
    );
    assert.match(script, /image_pulumi-flink-0{16}-[0-9a-f]{64}-it-s\.jar$/);
    assert.equal(settings({ localArtifacts })["web.upload.dir"], "/tmp/pulumi-flink");
    assert.equal("lifecycle" in pod({ localArtifacts }, "taskmanager").main, false);
    assert.deepEqual(["lifecycle" in pod({}).main, settings({})["web.upload.dir"]], [false, undefined]);
  });

  it("request and limit the memory that Flink is told of", () => {
    const resources = { taskManager: { memory: "2g", cpu: 0.5, cpuLimit: 2 } };
    assert.deepEqual(pod({ resources }, "taskmanager").main["resources"], {
      requests: { cpu: "500m", memory: "2048Mi" },
      limits: { cpu: "2", memory: "2048Mi" },
    });
  });

  it("may take ten minutes to come up before Kubernetes takes them for dead", () => {
    for (const [role, port] of [
      ["jobmanager", 6123],
      ["taskmanager", 6122],
    ] as const) {
      const { startupProbe, livenessProbe } = pod({}, role).main;
      assert.deepEqual(startupProbe, { tcpSocket: { port }, periodSeconds: 2, failureThreshold: 300 });
      assert.deepEqual(livenessProbe, { tcpSocket: { port }, periodSeconds: 20, failureThreshold: 6 });
    }
  });

  it("have the store's plugin and keys in their environment", () => {
    const secretName = "keys";
    const { variable } = pod({ storage: { uri: "s3a://b", region: "eu-1", credentials: { secretName } } });
    assert.equal(variable("ENABLE_BUILT_IN_PLUGINS")?.value, "flink-s3-fs-hadoop-1.20.0.jar");
    assert.equal(variable("AWS_REGION")?.value, "eu-1");
    assert.deepEqual(variable("AWS_SECRET_ACCESS_KEY")?.valueFrom, {
      secretKeyRef: { name: "keys", key: "secretAccessKey" },
    });
    const made = pod({ storage: { uri: "s3://b" } }, "taskmanager", { ...AT, storageSecret: "made" as never });
    assert.deepEqual(made.variable("AWS_ACCESS_KEY_ID")?.valueFrom, {
      secretKeyRef: { name: "made", key: "accessKeyId" },
    });
    const plugin = (uri: string, more = {}) =>
      pod({ storage: { uri, ...more } }).variable("ENABLE_BUILT_IN_PLUGINS")?.value;
    assert.deepEqual(
      [plugin("s3://b"), plugin("gs://b"), plugin("abfss://b"), plugin("oss://b"), plugin("hdfs://b")],
      ["flink-s3-fs-presto", "flink-gs-fs-hadoop", "flink-azure-fs-hadoop", "flink-oss-fs-hadoop", undefined].map(
        (name) => name && `${name}-1.20.0.jar`,
      ),
    );
    assert.equal(plugin("s3://b", { plugin: "flink-s3-fs-hadoop" }), "flink-s3-fs-hadoop-1.20.0.jar");
    assert.equal(plugin("s3://b", { plugin: false }), undefined);
  });

  it("take the user's variables, and their plugins beside the store's", () => {
    const envVars = [
      { name: "ENABLE_BUILT_IN_PLUGINS", value: "mine.jar" },
      { name: "A", value: "1" },
    ];
    const { variable } = pod({ storage: { uri: "s3://b" }, kubernetes: { envVars } });
    assert.equal(variable("ENABLE_BUILT_IN_PLUGINS")?.value, "mine.jar;flink-s3-fs-presto-1.20.0.jar");
    assert.equal(variable("A")?.value, "1");
  });

  it("mount the storage's volume where its address says, and others", () => {
    const storage = { uri: "file:///flink/data/", volume: { claim: "claim" } };
    const volumes = [{ name: "more", source: { secret: { secretName: "s" } }, mountPath: "/more", readOnly: true }];
    const { main, spec } = pod({ storage, kubernetes: { volumes } });
    assert.deepEqual(main["volumeMounts"], [
      { name: "flink-configuration", mountPath: "/opt/flink/conf", readOnly: true },
      { name: "flink-storage", mountPath: "/flink/data" },
      { name: "more", mountPath: "/more", readOnly: true },
    ]);
    assert.deepEqual(spec.volumes, [
      { name: "flink-configuration", configMap: { name: "c" } },
      { name: "flink-storage", persistentVolumeClaim: { claimName: "claim" } },
      { name: "more", secret: { secretName: "s" } },
    ]);
  });

  it("merge the common template first, and then that of their role", () => {
    const kubernetes = {
      podTemplate: { spec: { nodeSelector: { a: "1" }, priorityClassName: "low" } },
      taskManagerPodTemplate: {
        spec: { priorityClassName: "high", containers: [{ name: "flink-main-container", tty: true }] },
      },
    };
    const taskManager = pod({ kubernetes }, "taskmanager");
    assert.deepEqual([taskManager.spec["nodeSelector"], taskManager.spec["priorityClassName"]], [{ a: "1" }, "high"]);
    assert.equal(taskManager.main["tty"], true);
    assert.deepEqual(taskManager.main.args, ["taskmanager", "-D", "taskmanager.host=$(POD_IP)"]);
    assert.equal(pod({ kubernetes }).spec["priorityClassName"], "low");
  });
});

describe("a cluster's NetworkPolicy", () => {
  it("lets its own pods to all ports, the API server and its agents to REST, and nobody else in", () => {
    const mine = { podSelector: { matchLabels: { mine: "yes" } } };
    const { spec } = objects.networkPolicyOf(OBJECT, [mine], ["10.0.0.1/32"]) as unknown as {
      spec: { podSelector: object; policyTypes: string[]; ingress: { from: object[]; ports?: object[] }[] };
    };
    const own = { matchLabels: { "flink.pulumi.com/cluster": AT.clusterId } };
    assert.deepEqual([spec.podSelector, spec.policyTypes], [own, ["Ingress"]]);
    const [pods, rest, ...none] = spec.ingress;
    assert.deepEqual([pods, none], [{ from: [{ podSelector: own }] }, []]);
    assert.deepEqual(rest?.ports, [{ port: 8081, protocol: "TCP" }]);
    const agents = rest?.from.filter((peer) => "namespaceSelector" in peer) ?? [];
    assert.equal(agents.length, 2);
    for (const agent of agents) assert.match(JSON.stringify(agent), /kube-system.*konnectivity-agent/);
    assert.deepEqual(rest?.from.slice(2), [{ ipBlock: { cidr: "10.0.0.1/32" } }, mine]);
  });

  it("takes addresses of both families, each once", () => {
    assert.deepEqual(objects.cidrsOf(["10.0.0.2", "fd00::1", "10.0.0.2"]), ["10.0.0.2/32", "fd00::1/128"]);
  });
});
