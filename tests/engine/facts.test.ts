import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { startEngineServer } from "../unit/engine/engineServer";
import { createStack, pulumiCli, type DestroyOptions, type RigStack, type RigStackOptions } from "../rig/engine";
import { until } from "../rig/until";
import type { Call, FactsInputs, hooks as factsHooks } from "./factsHooks";

/** How long anything is waited for. */
const LIMIT_MS = 30_000;

type Hooks = typeof factsHooks;
type Props = { [Key in keyof FactsInputs]: pulumi.Input<FactsInputs[Key]> };

/** Serialized as text: everything must be said inside each function. */
const provider: pulumi.dynamic.ResourceProvider<FactsInputs, FactsInputs> = {
  configure: (request) => loadHooks().configure(request),
  check: (olds, news) => loadHooks().check(olds, news),
  diff: (id, olds, news) => loadHooks().diff(id, olds, news),
  create: (inputs) => loadHooks().create(inputs),
  read: (id, props) => loadHooks().read(id, props),
  update: (id, olds, news) => loadHooks().update(id, olds, news),
  delete: (id, props) => loadHooks().delete(id, props),
};

function loadHooks(): Hooks {
  const load = process.getBuiltinModule("node:module").createRequire(`${process.cwd()}/`);
  return (load(process.env.FACTS_HOOKS ?? "") as { hooks: Hooks }).hooks;
}

class Facts extends pulumi.dynamic.Resource {
  declare readonly copied: pulumi.Output<unknown>;

  constructor(name: string, props: Props, options?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...props, copied: undefined }, options, "flink", "Facts");
  }
}

const unknown = pulumi.runtime.unknownValue;

// What the code relies on and only the real engine can show.
describe("the real engine", function () {
  this.timeout(300_000);

  let directory: string;
  let stack: RigStack | undefined;
  let seen = 0;

  before(async function () {
    this.timeout(30 * 60_000);
    await pulumiCli();
  });

  beforeEach(async () => {
    seen = 0;
    directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-facts-"));
  });

  afterEach(async () => {
    await stack?.dispose();
    stack = undefined;
    await fs.rm(directory, { recursive: true, force: true });
  });

  async function start(program: pulumi.automation.PulumiFn, options?: Partial<RigStackOptions>): Promise<RigStack> {
    const env = { FACTS_HOOKS: path.join(__dirname, "factsHooks.js"), FACTS_CALLS: path.join(directory, "calls") };
    return (stack = await createStack({ program, env, ...options }));
  }

  /** The calls of hooks since the last time. */
  async function calls(): Promise<Call[]> {
    const text = await fs.readFile(path.join(directory, "calls"), "utf8").catch(() => "");
    const lines = text.split("\n").slice(0, -1).slice(seen);
    seen += lines.length;
    return lines.map((line) => JSON.parse(line) as Call);
  }

  it("shows check the known part of an input only where no Output wraps it, and lifted properties are known", async () => {
    const stack = await start(() => {
      const first = new Facts("first", { version: 1 });
      const endpoint = { url: first.urn.apply(String), id: first.id, fingerprint: "abc" };
      new Facts("plain", { endpoint });
      new Facts("wrapped", { endpoint: pulumi.output(endpoint), fingerprint: pulumi.output(endpoint).fingerprint });
      return Promise.resolve();
    });
    assert.equal((await stack.preview()).failure, undefined);
    const news = (await calls()).filter(({ hook }) => hook === "check").map(({ news }) => news);
    const plain = news.find((inputs) => typeof inputs?.endpoint === "object")?.endpoint as Record<string, unknown>;
    assert.equal(plain.fingerprint, "abc");
    assert.equal(plain.id, unknown);
    const wrapped = news.find((inputs) => inputs?.fingerprint !== undefined);
    assert.deepEqual(wrapped, { endpoint: unknown, fingerprint: "abc" });
  });

  it("tells the two phases of one up apart by an input that reaches neither diff nor the state", async () => {
    const program = (version: number) => () => {
      // an input named urn would be dropped by the SDK
      const ownUrn = pulumi.createUrn("phased", "pulumi-nodejs:dynamic/flink:Facts");
      new Facts("phased", { version, ownUrn, isDryRun: pulumi.runtime.isDryRun() });
      return Promise.resolve();
    };
    const stack = await start(program(1));
    assert.equal((await stack.up()).failure, undefined);
    await calls();
    const run = await stack.cliUp({ program: program(2) });
    assert.equal(run.failure, undefined);
    const diffs = (await calls()).filter(({ hook }) => hook === "diff");
    assert.deepEqual(
      diffs.map(({ phase, news }) => [phase, news && "isDryRun" in news]),
      [
        ["preview", false],
        ["update", false],
      ],
    );
    for (const phase of ["preview", "update"] as const) {
      assert.deepEqual(run.messages("phased", phase), [
        `a passing line of the ${phase}`,
        `a lasting line of the ${phase}`,
      ]);
    }
    assert.ok(!JSON.stringify((await stack.exportState()).resource("phased").inputs).includes("isDryRun"));
  });

  it("never prints or stores a secret in clear, whatever fails", async () => {
    const secret = "s3cret-token";
    const program = (extra: Props) => () => {
      const credentials = { token: pulumi.secret(secret), user: "flink" };
      new Facts("careful", { credentials, ...extra }, { additionalSecretOutputs: ["copied"] });
      return Promise.resolve();
    };
    const stack = await start(program({ version: 1 }));
    const refused = await stack.preview({ program: program({ refuse: "credentials" }) });
    assert.match(refused.failure ?? "", /resource 'careful' has a problem: credentials is refused/);
    assert.ok(!(refused.failure ?? "").includes(secret));

    assert.equal((await stack.up()).failure, undefined);
    const failed = await stack.up({ program: program({ version: 2, failUpdate: "no savepoint\nnext: look" }) });
    assert.deepEqual(failed.messages("careful"), ["1 error occurred:\n\t* no savepoint\n\t  next: look"]);
    const state = await stack.exportState();
    const { inputs, outputs } = state.resource("careful");
    assert.deepEqual([inputs?.version, outputs?.version], [1, 2], "the outputs are kept, the old inputs too");
    assert.ok(!state.text.includes(secret));
    assert.ok(!failed.stdout.includes(secret));
    // the partial failure kept the provider: both would fail without
    assert.equal((await stack.refresh()).failure, undefined);
    assert.equal((await stack.destroy()).failure, undefined);
  });

  it("deletes first under --replace only where the option says so, and does not ask diff", async () => {
    const program = (options?: pulumi.CustomResourceOptions) => () => {
      new Facts("replaced", { version: 1 }, options);
      return Promise.resolve();
    };
    const stack = await start(program());
    assert.equal((await stack.up()).failure, undefined);
    const replace = [(await stack.exportState()).resource("replaced").urn];
    const order = async () => (await calls()).map(({ hook }) => hook).filter((hook) => hook !== "check");
    await calls();
    assert.equal((await stack.up({ replace })).failure, undefined);
    assert.deepEqual(await order(), ["create", "delete"]);
    assert.equal((await stack.up({ program: program({ deleteBeforeReplace: true }), replace })).failure, undefined);
    assert.deepEqual(await order(), ["delete", "create"]);
  });

  it("refuses a new resource under a name that a rename in the same program has just left", async () => {
    const stack = await start(() => Promise.resolve(void new Facts("old", { version: 1 })));
    assert.equal((await stack.up()).failure, undefined);
    const renamed = () => new Facts("new", { version: 1 }, { aliases: [{ name: "old" }] });
    const both = () => Promise.resolve(void [renamed(), new Facts("old", { version: 1 })]);
    assert.match((await stack.preview({ program: both })).failure ?? "", /Duplicate resource (URN|alias)/);
    const alone = await stack.up({ program: () => Promise.resolve(void renamed()) });
    assert.deepEqual([alone.failure, alone.operations("new")], [undefined, ["same"]]);
    const then = await stack.up({ program: both });
    assert.deepEqual([then.operations("new"), then.operations("old")], [["same"], ["create"]]);
  });

  it("gives destroy the stack's configuration of the last up, and today's only when it runs the program", async () => {
    const [before, now] = ["0".repeat(32), "1".repeat(32)];
    const program = () => Promise.resolve(void new Facts("gone", { version: 1 }));
    const stack = await start(program, { config: { "flink:abandonJobs": { value: before } } });
    const abandonedIn = async (options: DestroyOptions) => {
      await stack.setConfig("flink:abandonJobs", before);
      assert.equal((await stack.up()).failure, undefined);
      await stack.setConfig("flink:abandonJobs", JSON.stringify([now]));
      await calls();
      assert.equal((await stack.destroy(options)).failure, undefined);
      return (await calls()).map(({ abandonJobs }) => abandonJobs);
    };
    assert.deepEqual(await abandonedIn({}), [[before]]);
    assert.deepEqual(await abandonedIn({ runProgram: true }), [[now]]);
  });

  it("gives destroy its own environment, so that jobs can be abandoned where the configuration is an old one", async () => {
    const job = "2".repeat(32);
    const stack = await start(() => Promise.resolve(void new Facts("gone", { version: 1 })));
    assert.equal((await stack.up()).failure, undefined);
    await calls();
    stack.environment.PULUMI_FLINK_ABANDON_JOBS = job;
    assert.equal((await stack.destroy()).failure, undefined);
    assert.deepEqual(await calls(), [{ hook: "delete", id: "facts", abandonJobs: [job] }]);
  });

  it("leaves an orphan when it is killed, and the fence stops and ends the orphan", async () => {
    const stack = await start(() => Promise.resolve(void new Facts("orphan", { waitForFence: true })));
    const run = stack.up();
    await passing();
    await stack.killCli();
    assert.match((await run).failure ?? "", /pulumi ended with a signal/);
    await untilFenced();
    await until("the orphan has ended", () => Promise.resolve(stack.providerProcesses().length === 0), LIMIT_MS);
    await stack.cancel();
    const { pendingOperations } = await stack.exportState();
    assert.deepEqual(
      pendingOperations.map(({ type }) => type),
      ["creating"],
    );
  });

  it("leaves an orphan that takes no later engine on the same port for its own", async () => {
    const allowed = path.join(directory, "allowed");
    const stack = await start(() => Promise.resolve(void new Facts("orphan", { waitForFence: true })));
    stack.environment.FACTS_ALLOWED = allowed;
    const run = stack.up();
    const engine = await passing();
    await stack.killCli();
    await run;
    const later = await startEngineServer(undefined, engine);
    try {
      await fs.writeFile(allowed, "");
      await untilFenced();
      await until("the orphan has ended", () => Promise.resolve(stack.providerProcesses().length === 0), LIMIT_MS);
    } finally {
      later.close();
    }
  });

  /** Once the fence has let a create pass for a while: its engine's address. */
  async function passing(): Promise<string> {
    const found: Call[] = [];
    const hasPassed = async () => {
      const taken = await calls();
      assert.deepEqual(
        taken.filter(({ hook }) => hook === "fenced"),
        [],
      );
      found.push(...taken.filter(({ hook }) => hook === "passing"));
      return found.length > 0;
    };
    await until("the fence lets pass", hasPassed, LIMIT_MS);
    return String(found[0]?.engine);
  }

  function untilFenced(): Promise<void> {
    const isFenced = async () =>
      (await calls()).some(({ hook, code }) => hook === "fenced" && code === "FLINK_ENGINE_GONE");
    return until("the fence closes", isFenced, LIMIT_MS);
  }
});
