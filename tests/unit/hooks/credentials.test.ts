import assert from "node:assert/strict";
import type { Arguments, Stack } from "../../rig/deploymentRuns";
import { mutations, prepare, start, useRig } from "./fixture";

const VARIABLE = "PULUMI_FLINK_BEARER_TOKEN";

/** Everything of the outputs that Pulumi shows in clear, which is not what holds secret inputs. */
function inClear(stack: Stack): string {
  const { record, cluster, artifact, markedSecrets, flinkConfiguration, ...shown } = stack.outputs;
  return JSON.stringify(shown);
}

describe("the hooks of a FlinkDeployment with credentials", () => {
  const rig = useRig();
  let before: string | undefined;

  beforeEach(() => {
    before = process.env[VARIABLE];
    delete process.env[VARIABLE];
  });
  afterEach(() => {
    if (before === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before;
  });

  async function withToken(token: string) {
    const running = await prepare(rig);
    running.flink.authorization = `Bearer ${token}`;
    const { url } = running.flink;
    const program = (bearerToken: string, more: Arguments = {}): Arguments =>
      running.program({ cluster: { url, bearerToken }, ...more });
    await running.stack.up(program(token));
    return { ...running, program };
  }

  it("restart nothing when a bearer token rotates, and delete with the newest", async () => {
    const { flink, stack, program } = await withToken("token-one");
    const [job] = flink.activeJobs();
    const done = mutations(flink);
    flink.authorization = "Bearer token-two";
    await stack.up(program("token-two"));
    assert.deepEqual(mutations(flink), done);
    flink.authorization = "Bearer token-three";
    await stack.up(program("token-three"));
    assert.deepEqual(mutations(flink), done);
    await stack.destroy();
    assert.equal(job?.status, "FINISHED");
  });

  it("delete with the token that this run's program gave for the cluster, though the state has an older one", async () => {
    const { flink, stack, program } = await withToken("token-one");
    flink.authorization = "Bearer token-two";
    const old = stack.resource;
    await stack.up(program("token-two"));
    stack.resource = old;
    await stack.destroy();
    assert.deepEqual(flink.activeJobs(), []);
  });

  it("delete with the token of the environment in a process that has seen no program", async () => {
    const { flink, stack } = await withToken("token-one");
    flink.authorization = "Bearer token-two";
    stack.newProcess();
    const message = await stack.failingDestroy();
    assert.match(message, /401|refused the credentials|not authori[sz]ed/i);
    assert.match(message, /the stack state's bearer token; PULUMI_FLINK_BEARER_TOKEN gives a newer one/);
    process.env[VARIABLE] = "token-two";
    stack.newProcess();
    await stack.destroy();
    assert.deepEqual(flink.activeJobs(), []);
  });

  it("name the credentials that a 401 was given for, and not show them", async () => {
    const { flink, stack, program } = await withToken("token-one");
    flink.authorization = "Bearer token-other";
    const message = await stack.failingUp(program("token-wrong", { parallelism: 2 }));
    assert.match(message, /the program's bearer token/);
    assert.ok(!message.includes("token-wrong") && !message.includes("token-one"), message);
    const { url } = flink;
    flink.authorization = `Basic ${Buffer.from("user:other").toString("base64")}`;
    const basic = await stack.failingUp(
      program("", { cluster: { url, basicAuth: { username: "user", password: "pass-wrong" } }, parallelism: 2 }),
    );
    assert.match(basic, /the program's user name and password/);
    assert.ok(!basic.includes("pass-wrong"), basic);
  });

  it("warn of a 401 in a preview and plan from the record, and fail the update", async () => {
    const { flink, stack, program } = await withToken("token-one");
    const done = mutations(flink);
    flink.authorization = "Bearer token-two";
    const changed = program("token-one", { restartNonce: 1 });
    const { changes, lines } = await stack.preview(changed);
    assert.equal(changes, true);
    const refused = lines.find(({ text }) => text.includes("refused the request with 401"));
    assert.equal(refused?.level, "warn");
    assert.match(refused?.text ?? "", /Credentials used: the program's bearer token/);
    assert.ok(
      lines.some(({ text }) =>
        /The cluster was not seen \(it refused the credentials\): the plan is made from the record/.test(text),
      ),
    );
    assert.ok(lines.some(({ text }) => /plan .*stop job .* with a savepoint/.test(text)));
    assert.match(await stack.failingUp(changed), /401.*Credentials used: the program's bearer token/);
    assert.deepEqual(mutations(flink), done);
    stack.resource = undefined;
    const create = await stack.preview(changed);
    assert.ok(create.lines.some(({ level, text }) => level === "warn" && text.includes("401")));
  });

  it("send basic credentials and further headers with every request", async () => {
    const { flink, stack, program } = await prepare(rig);
    flink.authorization = `Basic ${Buffer.from("user:pass").toString("base64")}`;
    const { url } = flink;
    await stack.up(
      program({ cluster: { url, basicAuth: { username: "user", password: "pass" }, headers: { "X-Tenant": "blue" } } }),
    );
    assert.equal(flink.activeJobs().length, 1);
    assert.deepEqual([...new Set(flink.requests.map(({ headers }) => headers["x-tenant"]))], ["blue"]);
  });

  it("never give the environment's token to a cluster that takes none", async () => {
    const { flink, stack } = await start(rig);
    process.env[VARIABLE] = "token-of-another-cluster";
    stack.newProcess();
    await stack.destroy();
    assert.ok(flink.requests.every(({ headers }) => headers.authorization === undefined));
  });

  it("show nothing that the program marked as secret, though Flink repeats it in every way", async function () {
    this.timeout(120_000);
    const secrets = ["argument-7f", "word-7f", "setting-7f", "header-7f"];
    const { flink, stack, program, jarUri } = await prepare(rig);
    const { url } = flink;
    const marked = (more: Arguments = {}): Arguments =>
      program({
        cluster: { url, headers: { "X-Key": "header-7f" } },
        flinkConfiguration: { "execution.checkpointing.interval": "1 s", "s3.secret-key": "setting-7f" },
        markedSecrets: [["--key=argument-7f"], ["--first word-7f"], [], ["setting-7f"]],
        maxJobCreationAttempts: 1,
        artifact: { jarUri, mainArgs: "--first word-7f" },
        ...more,
      });
    const said: string[] = [];
    const note = (): void => void said.push(...stack.engine.lines.map(({ message }) => message), inClear(stack));
    const repeated = `wrong: ${secrets.join(", ")}`;

    await stack.up(marked());
    note();
    flink.script.savepoint = () => ({ fail: repeated });
    said.push(await stack.failingUp(marked({ parallelism: 2, maxSavepointCreationAttempts: 2 })));
    note();
    flink.script.savepoint = () => "complete";
    for (const outcome of [
      { reject: repeated },
      { initializationFails: repeated },
      { status: "FAILED", exception: repeated },
      { crashLoop: repeated },
    ] as const) {
      flink.script.run = (_request, attempt) => (attempt % 2 === 0 ? outcome : "run");
      said.push(await stack.failingUp(marked({ restartNonce: JSON.stringify(outcome).length, rollback: false })));
      note();
      await stack.refresh();
      note();
      flink.script.run = () => "run";
      await stack.up(marked());
    }
    const { failures } = await stack.preview(marked({ savepointTargetDirectory: "argument-7f" }));
    said.push(...failures);
    for (const secret of secrets) {
      const told = said.find((text) => text.includes(secret.slice(0, -1)));
      assert.equal(told, undefined, `${secret} is shown`);
    }
    assert.ok(said.filter((text) => text.includes("wrong: ***, ***, ***, ***")).length > 5, said.join("\n"));
  });

  it("show no token in outputs, lines, failures or warnings", async () => {
    const secrets = ["token-one", "token-two", "header-value", "artifact-key"];
    const jarUri = await rig.jarServer("first", { name: "X-Key", value: "artifact-key" });
    const artifact = { jarUri, httpHeaders: { "X-Key": "artifact-key" } };
    const { flink, stack, program } = await prepare(rig);
    flink.authorization = "Bearer token-one";
    const { url } = flink;
    const cluster = (bearerToken: string): Arguments => ({ url, bearerToken, headers: { "X-Tenant": "header-value" } });
    const said: string[] = [];
    const note = (): void => void said.push(...stack.engine.lines.map(({ message }) => message), inClear(stack));

    await stack.preview(program({ artifact, cluster: cluster("token-one") }));
    said.push(...stack.texts);
    await stack.up(program({ artifact, cluster: cluster("token-one") }));
    note();
    flink.authorization = "Bearer token-two";
    const upgrade = { artifact, cluster: cluster("token-two"), parallelism: 2, rollback: false };
    said.push(await stack.failingUp(program({ ...upgrade, cluster: cluster("token-one") })));
    note();
    flink.script.run = () => ({ status: "FAILED", exception: "no" });
    said.push(await stack.failingUp(program({ ...upgrade, maxJobCreationAttempts: 1 })));
    note();
    await stack.refresh();
    note();
    const { failures } = await stack.preview(program({ ...upgrade, parallelism: 0 }));
    said.push(...failures);
    const wrong = { jarUri, httpHeaders: { "X-Key": "artifact-key2" } };
    said.push(...(await stack.preview(program({ ...upgrade, artifact: wrong }))).failures, ...stack.texts);
    await flink.close();
    await stack.preview(program(upgrade));
    note();
    for (const secret of secrets) {
      const told = said.find((text) => text.includes(secret));
      assert.equal(told, undefined, `${secret} is shown`);
    }
    assert.ok(
      said.some((text) => text.includes("403") || text.includes("refused")),
      "the wrong key was noticed",
    );
  });
});
