import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { FlinkDeployment } from "../../../provider/resources/flinkDeployment";
import type { FlinkDeploymentArgs, FlinkEndpoint } from "../../../provider/resources/args";

/** One resource that the engine is asked to register. */
interface Registered {
  readonly type: string;
  readonly name: string;
  /** As they go over the wire: secrets are marked, unknown values have their own text. */
  readonly inputs: Record<string, unknown>;
  readonly request: RegisterResourceRequest;
}

const DEPLOYMENT = "pulumi-nodejs:dynamic/flink:FlinkDeployment";
/** How a secret is marked on the wire. */
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const CLUSTER = "test:index:Cluster";
const IDENTITY = "pulumi-nodejs:dynamic/flink:Identity";
const ASKED = "pulumi-nodejs:dynamic/flink:AskedClusters";

const ARTIFACT = { jarUri: "https://jars.example.org/job.jar" };
const ARGS: FlinkDeploymentArgs = {
  cluster: { url: "http://localhost:8081" },
  artifact: ARTIFACT,
};

/** A cluster whose address is known only once it is made. */
class Cluster extends pulumi.CustomResource {
  declare readonly endpoint: pulumi.Output<FlinkEndpoint>;

  constructor(name: string) {
    super(CLUSTER, name, { endpoint: undefined });
  }
}

class Provider extends pulumi.ProviderResource {
  constructor() {
    super("pulumi-nodejs", "special", {});
  }
}

/** Registers what a program makes, with Pulumi's mocks in place of an engine. */
async function registered(program: () => void, isDryRun = false): Promise<Registered[]> {
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => {
      if (type === CLUSTER) {
        const url = isDryRun ? pulumi.runtime.unknownValue : "http://localhost:8081";
        return { id: name, state: { endpoint: { url, fingerprint: "blue-1" } } };
      }
      const given = inputs as Record<string, unknown>;
      return { id: `${name}-id`, state: isDryRun ? given : { ...given, uid: "0123", clusters: [] } };
    },
    call: () => ({}),
  };
  await pulumi.runtime.setMocks(mocks, "shop", "dev", isDryRun);
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: RegisterResourceRequest, answer: unknown): Promise<void>;
  };
  const register = monitor.registerResource.bind(monitor);
  const all: Registered[] = [];
  monitor.registerResource = (request, answer) => {
    const inputs = (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>;
    all.push({ type: request.getType(), name: request.getName(), inputs, request });
    return register(request, answer);
  };
  program();
  await pulumi.runtime.disconnect();
  return all;
}

/** What the program makes besides a component and providers. */
async function deployment(
  args: FlinkDeploymentArgs = ARGS,
  options: () => pulumi.CustomResourceOptions = () => ({}),
  isDryRun = false,
): Promise<{ resource: Registered; identity: Registered; asked: Registered; all: Registered[] }> {
  const all = await registered(() => void new FlinkDeployment("orders", args, options()), isDryRun);
  const resource = all.find(({ type }) => type === DEPLOYMENT) ?? assert.fail();
  const identity = all.find(({ type }) => type === IDENTITY) ?? assert.fail();
  const asked = all.find(({ type }) => type === ASKED) ?? assert.fail();
  return { resource, identity, asked, all };
}

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).includes(SECRET);
}

describe("a FlinkDeployment in a program", () => {
  after(() => pulumi.runtime.resetOptions("", "", -1, "", "", false, ""));

  it("is a dynamic resource with its identity and the clusters it was asked to be on beside it, and nothing else", async () => {
    const { all } = await deployment();
    assert.deepEqual(
      all.map(({ type, name }) => [type, name]),
      [
        [IDENTITY, "orders-identity"],
        [ASKED, "orders-clusters"],
        [DEPLOYMENT, "orders"],
      ],
    );
  });

  it("takes its uid from the identity, and is told its own place and the phase of the run", async () => {
    for (const isDryRun of [false, true]) {
      const { resource } = await deployment(ARGS, undefined, isDryRun);
      const { uid, resourceUrn, isDryRun: told } = resource.inputs;
      assert.equal(uid, isDryRun ? pulumi.runtime.unknownValue : "0123");
      assert.equal(resourceUrn, `urn:pulumi:dev::shop::${DEPLOYMENT}::orders`);
      assert.equal(told, isDryRun);
    }
  });

  it("passes nothing to its provider but arguments and what it adds itself", async () => {
    const { resource } = await deployment({ ...ARGS, parallelism: 2 });
    assert.deepEqual(Object.keys(resource.inputs).sort(), [
      "__provider",
      "artifact",
      "askedClusters",
      "cluster",
      "isDryRun",
      "parallelism",
      "resourceUrn",
      "uid",
    ]);
    const text = resource.inputs["__provider"];
    assert.ok(typeof text === "string" && text.includes("pulumi-flink/hooks/flinkDeployment"), "calls by name");
    assert.ok(text.length < 20_000, "it holds none of the library");
  });

  it("keeps its record secret, and is deleted before it is replaced", async () => {
    const { resource } = await deployment(ARGS, () => ({ additionalSecretOutputs: ["status"] }));
    assert.deepEqual(resource.request.getAdditionalsecretoutputsList().sort(), ["markedSecrets", "record", "status"]);
    assert.equal(resource.request.getDeletebeforereplace(), true);
  });

  it("makes secrets of the credentials that a program gives in clear", async () => {
    const cluster = {
      url: "https://flink.example.org",
      bearerToken: "t",
      headers: { "X-Key": "k" },
      tls: { caCertificate: "ca", clientCertificate: "c", clientKey: "k", insecureSkipVerify: false },
    };
    const artifact = { jarUri: "https://h/a.jar", httpHeaders: { "X-Key": "k" } };
    const { resource } = await deployment({ cluster, artifact });
    const given = resource.inputs["cluster"] as Record<string, unknown>;
    for (const key of ["bearerToken", "headers", "tls"]) assert.ok(isSecret(given[key]), key);
    assert.equal(given["url"], cluster.url, "the address is none");
    assert.ok(isSecret((resource.inputs["artifact"] as Record<string, unknown>)["httpHeaders"]), "httpHeaders");
    const basic = await deployment({
      ...ARGS,
      cluster: { url: "https://h", basicAuth: { username: "u", password: "p" } },
    });
    assert.ok(isSecret((basic.resource.inputs["cluster"] as Record<string, unknown>)["basicAuth"]));
  });

  it("makes a secret of a kubeconfig, and of nothing else about a Service, whichever way the endpoint comes", async () => {
    const service = { namespace: "flink", service: "rest", context: "c", kubeconfig: "token: t" };
    const ways: FlinkDeploymentArgs["cluster"][] = [
      { kubernetes: service },
      { kubernetes: pulumi.output(service) },
      pulumi.output({ kubernetes: service }),
    ];
    for (const cluster of ways) {
      const { resource } = await deployment({ ...ARGS, cluster });
      const { kubernetes } = resource.inputs["cluster"] as Record<string, Record<string, unknown>>;
      assert.ok(isSecret(kubernetes?.["kubeconfig"]) || isSecret(kubernetes));
      assert.deepEqual(Object.keys(resource.inputs["cluster"] as object), ["kubernetes"]);
    }
    const { resource } = await deployment({ ...ARGS, cluster: { kubernetes: { ...service, context: "staging" } } });
    const { kubernetes } = resource.inputs["cluster"] as Record<string, Record<string, unknown>>;
    const { kubeconfig, ...rest } = kubernetes ?? {};
    assert.ok(isSecret(kubeconfig));
    assert.deepEqual(rest, { namespace: "flink", service: "rest", context: "staging" });
  });

  it("makes a secret of a jar's address with a query, which may be a signature", async () => {
    const signed = { jarUri: "https://h/a.jar?signature=s" };
    for (const artifact of [signed, pulumi.output(signed)]) {
      const { resource } = await deployment({ ...ARGS, artifact });
      assert.ok(isSecret((resource.inputs["artifact"] as Record<string, unknown>)["jarUri"]));
    }
  });

  it("makes a secret of a dependency's address with a query, and of no other, whichever way the list comes", async () => {
    const [plain, signed] = ["https://h/a.jar", "https://h/b.jar?signature=s"];
    const ways: FlinkDeploymentArgs["artifact"][] = [
      { ...ARTIFACT, additionalDependencies: [plain, signed] },
      { ...ARTIFACT, additionalDependencies: [pulumi.output(plain), pulumi.output(signed)] },
      { ...ARTIFACT, additionalDependencies: pulumi.output([plain, signed]) },
      pulumi.output({ ...ARTIFACT, additionalDependencies: [plain, signed] }),
    ];
    for (const artifact of ways) {
      const { resource } = await deployment({ ...ARGS, artifact });
      const given = resource.inputs["artifact"] as Record<string, unknown>;
      const { additionalDependencies: list } = isSecret(given) ? (given["value"] as Record<string, unknown>) : given;
      const [first, second] = isSecret(list) ? [undefined, list] : (list as unknown[]);
      assert.ok(isSecret(second) || isSecret(given), JSON.stringify(given));
      if (first !== undefined) assert.equal(first, plain);
    }
  });

  it("tells its provider what the program marked as secret, itself as secrets", async () => {
    const args: FlinkDeploymentArgs = {
      ...ARGS,
      artifact: { jarUri: pulumi.output("https://h/a.jar"), mainArgs: ["--password", pulumi.secret("hunter2")] },
      flinkConfiguration: pulumi.secret({ "s3.secret-key": "sesame", "s3.other": "word" }),
      annotations: { plain: "plain" },
    };
    const { resource } = await deployment(args);
    const marked = resource.inputs["markedSecrets"] as unknown[];
    assert.deepEqual(
      marked.map((each) => (isSecret(each) ? (each as { value: unknown }).value : each)),
      [[], ["hunter2"], ["sesame", "word"]],
    );
    assert.deepEqual(marked.map(isSecret), [false, true, true]);
  });

  it("keeps the clusters that it was asked to be on secret, and nothing of them that is no endpoint's", async () => {
    const cluster = { url: "https://flink.example.org", bearerToken: "t", bearertoken: "t" };
    const { asked, resource } = await deployment({ ...ARGS, cluster });
    assert.deepEqual(asked.request.getAdditionalsecretoutputsList(), ["clusters"]);
    const given = asked.inputs["cluster"] as Record<string, unknown>;
    assert.deepEqual(Object.keys(given).sort(), ["bearerToken", "url"]);
    assert.ok(isSecret(given["bearerToken"]));
    assert.ok(isSecret(resource.inputs["askedClusters"]));
    const text = asked.inputs["__provider"];
    assert.ok(typeof text === "string" && text.includes("pulumi-flink/hooks/askedClusters"), "calls by name");
  });

  it("leaves a wrong key in its place, for the check to name it", async () => {
    const cluster = { url: "http://localhost:8081", bearertoken: "t" };
    const { resource } = await deployment({ ...ARGS, cluster });
    assert.equal((resource.inputs["cluster"] as Record<string, unknown>)["bearertoken"], "t");
  });

  it("takes an artifact that is an output as a whole", async () => {
    const artifact = pulumi.output({ jarUri: "https://h/a.jar", entryClass: "A" });
    const { resource } = await deployment({ ...ARGS, artifact });
    assert.deepEqual(resource.inputs["artifact"], { jarUri: "https://h/a.jar", entryClass: "A" });
  });

  it("shows a preview the fingerprint of a cluster whose address is not known yet", async () => {
    for (const isDryRun of [true, false]) {
      const all = await registered(() => {
        const cluster = new Cluster("blue");
        void new FlinkDeployment("orders", { ...ARGS, cluster });
      }, isDryRun);
      const { inputs } = all.find(({ type }) => type === DEPLOYMENT) ?? assert.fail();
      const { url, fingerprint } = inputs["cluster"] as Record<string, unknown>;
      assert.equal(fingerprint, "blue-1");
      assert.equal(url, isDryRun ? pulumi.runtime.unknownValue : "http://localhost:8081");
    }
  });

  it("lets what is beside it follow its parent, provider and protection", async () => {
    const { resource, identity, asked } = await deployment(ARGS, () => {
      const parent = new pulumi.ComponentResource("test:index:Shop", "shop");
      const provider = new Provider();
      return { parent, provider, protect: true, retainOnDelete: true };
    });
    assert.match(resource.request.getProvider(), /special/);
    assert.equal(identity.request.getProvider(), resource.request.getProvider());
    assert.match(resource.request.getParent(), /Shop::shop$/);
    assert.equal(identity.request.getParent(), resource.request.getParent());
    assert.equal(asked.request.getParent(), resource.request.getParent());
    for (const { request } of [resource, identity, asked]) {
      assert.equal(request.getProtect(), true);
      assert.equal(request.getRetainondelete(), true);
    }
    assert.equal(resource.inputs["resourceUrn"], `urn:pulumi:dev::shop::test:index:Shop$${DEPLOYMENT}::orders`);
  });

  it("takes what is beside it along when it is renamed", async () => {
    const { resource, identity, asked } = await deployment(ARGS, () => ({
      aliases: [{ name: "purchases" }, `urn:pulumi:dev::shop::${DEPLOYMENT}::sales`],
    }));
    const aliases = ({ request }: Registered): unknown[] =>
      request.getAliasesList().map((alias) => (alias.hasSpec() ? alias.getSpec()?.getName() : alias.getUrn()));
    assert.deepEqual(aliases(resource), ["purchases", `urn:pulumi:dev::shop::${DEPLOYMENT}::sales`]);
    assert.deepEqual(aliases(identity), ["purchases-identity", `urn:pulumi:dev::shop::${IDENTITY}::sales-identity`]);
    assert.deepEqual(aliases(asked), ["purchases-clusters", `urn:pulumi:dev::shop::${ASKED}::sales-clusters`]);
  });
});
