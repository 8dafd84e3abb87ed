import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import * as fs from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { FlinkDeployment, type FlinkDeploymentArgs } from "../../index";
import { Authority, type KeyPair } from "../rig/certificates";
import { createStack, pulumiCli, type RigStack } from "../rig/engine";
import { FakeFlink, makeJar } from "../rig/fakeFlink";
import type { Run } from "../rig/run";

/** Every kind of secret that a deployment is given, or that a server tells it; with characters that are spelled in many ways. */
const SECRETS = {
  "bearer token": "bearer-7f/a+b=c",
  "basic password": 'password-7f "x" & /y',
  "header of the endpoint": 'header-7f "x" & /y',
  "header of the jar's server": "jar-7f/a+b=c",
  "signature in the jar's address": "signature-7f",
  "signature in a dependency's address": "dependency-7f",
  "main argument in a list": "argument-7f/a&b",
  "main argument in a line": "word-7f",
  "Flink configuration": 'setting-7f "x" & /y',
  "token in a kubeconfig": "kubeconfig-7f/a+b=c",
  "password in a redirect": "user-info-7f",
  "token in a redirect": "token-7f",
} as const;
const NAMES = Object.keys(SECRETS) as (keyof typeof SECRETS)[];

/** What a server repeats of what it was told. */
const echoOf = (...names: (keyof typeof SECRETS)[]): string => names.map((name) => SECRETS[name]).join(" | ");

/** The way to the service in the address of an API server. */
const PROXY = "/api/v1/namespaces/flink/services/http:orders-rest:8081/proxy";

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** The ways in which a secret may have been written somewhere. */
function spellings(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), base64(secret)];
}

/** Where something may have been written, and what. */
interface Place {
  readonly where: string;
  readonly text: string;
}

const execute = promisify(execFile);

/** The arguments and environments of all processes of this user, again and again until told to stop. */
function watchProcesses(): { stop(): Promise<Place> } {
  const seen = new Set<string>();
  let watching = true;
  const watch = (async () => {
    while (watching) {
      const { stdout } = await execute("ps", ["axeww", "-o", "args="], { maxBuffer: 64 << 20 });
      for (const line of stdout.split("\n")) seen.add(line);
      await setImmediate();
    }
  })();
  return {
    async stop() {
      watching = false;
      await watch;
      return { where: "the processes", text: [...seen].join("\n") };
    },
  };
}

/** Every file below a folder, but for what is only linked to. */
async function filesBelow(folder: string): Promise<Place[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return await Promise.all(files.map(async (file) => ({ where: file, text: await fs.readFile(file, "latin1") })));
}

// The real engine, with servers that repeat what they are told: everything that is written anywhere is searched.
describe("no secret of a deployment is written anywhere in clear", function () {
  this.timeout(10 * 60_000);

  let folder: string;
  let authority: Authority;
  let stranger: Authority;
  let client: KeyPair;
  let withToken: FakeFlink;
  let withPassword: FakeFlink;
  let jars: Server;
  let redirecting: Server;
  let closedPort: number;
  let jarsAllowed = true;
  const jarRequests: string[] = [];
  /** An API server with its service proxy. */
  let onKubernetes: FakeFlink;
  const basic = `Basic ${Buffer.from(`me:${SECRETS["basic password"]}`).toString("base64")}`;

  before(async function () {
    this.timeout(30 * 60_000);
    await pulumiCli();
    folder = mkdtempSync(path.join(os.tmpdir(), "pulumi-flink-secrets-"));
    authority = new Authority(folder, "ours");
    stranger = new Authority(folder, "strangers");
    client = authority.issue("client", "DNS:client");
    const tls = { ...authority.issue("server", "IP:127.0.0.1"), ca: authority.ca.cert, requestCert: true };
    withToken = await FakeFlink.start({ tls });
    withToken.authorization = `Bearer ${SECRETS["bearer token"]}`;
    onKubernetes = await FakeFlink.start({ tls, basePath: PROXY });
    onKubernetes.authorization = `Bearer ${SECRETS["token in a kubeconfig"]}`;
    withPassword = await FakeFlink.start();
    withPassword.authorization = basic;
    jars = createServer((request, response) => {
      jarRequests.push(`${request.headers.authorization ?? ""} ${request.url ?? ""}`);
      if (jarsAllowed) response.end(makeJar({ content: "first", classes: ["org.example.Other"] }));
      else {
        const signatures = ["signature in the jar's address", "signature in a dependency's address"] as const;
        const echo = echoOf("header of the jar's server", ...signatures);
        response.writeHead(403, echo).end(echo);
      }
    });
    redirecting = createServer((_request, response) => {
      const { "password in a redirect": password, "token in a redirect": token } = SECRETS;
      const location = `https://me:${password}@login.example.org/sign-in?token=${token}`;
      response.writeHead(302, { location }).end(echoOf("bearer token", "header of the endpoint"));
    });
    const gone = createServer();
    for (const server of [jars, redirecting, gone]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    closedPort = portOf(gone);
    await new Promise((resolve) => gone.close(resolve));
  });

  after(async () => {
    for (const server of [jars, redirecting]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await Promise.all([withToken, withPassword, onKubernetes].map((flink) => flink.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  function portOf(server: Server): number {
    return (server.address() as AddressInfo).port;
  }

  /** Arguments with every secret that is not the endpoint's. */
  function job(name: string, inList: boolean, changes: Partial<FlinkDeploymentArgs> = {}): FlinkDeploymentArgs {
    const mainArgs = inList
      ? ["--name", name, pulumi.secret(`--password=${SECRETS["main argument in a list"]}`)]
      : pulumi.secret(`--first ${SECRETS["main argument in a line"]}`);
    return {
      artifact: {
        jarUri: pulumi.secret(
          `http://127.0.0.1:${portOf(jars)}/job.jar?signature=${SECRETS["signature in the jar's address"]}`,
        ),
        additionalDependencies: [
          `http://127.0.0.1:${portOf(jars)}/library.jar?signature=${SECRETS["signature in a dependency's address"]}`,
        ],
        httpHeaders: { Authorization: `Bearer ${SECRETS["header of the jar's server"]}` },
        mainArgs,
      },
      flinkConfiguration: {
        "execution.checkpointing.interval": "1 s",
        "s3.secret-key": pulumi.secret(SECRETS["Flink configuration"]),
      },
      maxJobCreationAttempts: 1,
      maxSavepointCreationAttempts: 1,
      timeouts: { unreachable: "1 s" },
      ...changes,
    };
  }

  const headers = { "X-Key": SECRETS["header of the endpoint"] };
  const tls = () => ({
    caCertificate: authority.ca.cert,
    clientCertificate: client.cert,
    clientKey: client.key,
  });

  function declareAll(changes: Partial<FlinkDeploymentArgs> = {}): void {
    const token = { url: withToken.url, bearerToken: SECRETS["bearer token"], headers, tls: tls() };
    const basicAuth = { username: "me", password: SECRETS["basic password"] };
    new FlinkDeployment("with-token", { cluster: token, ...job("with-token", true, changes) });
    new FlinkDeployment("with-password", {
      cluster: { url: withPassword.url, basicAuth, headers },
      ...job("with-password", false, changes),
    });
    new FlinkDeployment("on-kubernetes", {
      cluster: { kubernetes: { namespace: "flink", service: "orders-rest", kubeconfig: kubeconfig() } },
      ...job("on-kubernetes", true, changes),
    });
  }

  function kubeconfig(): string {
    const credentials = {
      token: SECRETS["token in a kubeconfig"],
      "client-certificate-data": base64(client.cert),
      "client-key-data": base64(client.key),
    };
    const cluster = {
      server: new URL(onKubernetes.url).origin,
      "certificate-authority-data": base64(authority.ca.cert),
    };
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "there", cluster }],
      users: [{ name: "me", user: credentials }],
      contexts: [{ name: "there", context: { cluster: "there", user: "me" } }],
      "current-context": "there",
    });
  }

  /** One whose cluster cannot be reached, in this way or another; the last two are refused by the preview already. */
  function declareUnreachable(name: "refused" | "untrusted" | "redirected"): void {
    const credentials = { bearerToken: SECRETS["bearer token"], headers };
    const endpoints = {
      refused: { url: `http://127.0.0.1:${closedPort}` },
      untrusted: { url: withToken.url, tls: { ...tls(), caCertificate: stranger.ca.cert } },
      redirected: { url: `http://127.0.0.1:${portOf(redirecting)}` },
    };
    new FlinkDeployment(name, { cluster: { ...endpoints[name], ...credentials }, ...job(name, true) });
  }

  it("in success, in refusals of every kind, in a refresh and a destroy", async () => {
    const places: Place[] = [];
    const processes = watchProcesses();
    const backend = path.join(folder, "state");
    const stack = await createStack({ program: () => Promise.resolve(declareAll()), backend });
    const write = async (what: string, run: Run): Promise<Run> => {
      const { stdout, failure = "", diagnostics, eventLog } = run;
      places.push({ where: `${what}: what is printed`, text: `${stdout}\n${failure}` });
      places.push({ where: `${what}: the lines`, text: diagnostics.map(({ message }) => message).join("\n") });
      places.push({ where: `${what}: the event log`, text: eventLog });
      places.push({ where: `${what}: the export`, text: (await stack.exportState()).text });
      return run;
    };
    try {
      const created = await write("create", await stack.cliUp());
      assert.equal(created.failure, undefined);

      const exception = `java.lang.IllegalArgumentException: cannot use ${echoOf("bearer token", "header of the endpoint", "main argument in a list", "Flink configuration")}`;
      withToken.script.run = () => ({ reject: exception });
      withPassword.fault(
        { method: "POST", path: /\/jars\/.*\/run$/ },
        {
          status: 401,
          body: { errors: [echoOf("basic password", "header of the endpoint", "main argument in a line")] },
        },
      );
      onKubernetes.fault(
        { method: "POST", path: /\/jars\/.*\/run$/ },
        { status: 403, body: { kind: "Status", message: echoOf("token in a kubeconfig", "main argument in a list") } },
      );
      const broken = await write(
        "failing update",
        await stack.cliUp({
          continueOnError: true,
          program: () => {
            declareAll({ parallelism: 2, rollback: false });
            declareUnreachable("refused");
            return Promise.resolve();
          },
        }),
      );
      const told = (name: string): string => broken.messages(name, "update").join("\n");
      assert.match(told("with-token"), /IllegalArgumentException: cannot use \*\*\*/);
      assert.match(told("with-password"), /refused the request with 401 \(.*\*\*\*/);
      assert.match(told("refused"), /ECONNREFUSED/);
      assert.match(told("on-kubernetes"), /Kubernetes .*\*\*\*/);

      const previewed = async (name: "untrusted" | "redirected"): Promise<string> => {
        const program = () => Promise.resolve((declareAll(), declareUnreachable(name)));
        const run = await write(name, await stack.cliUp({ program }));
        return run.messages(name, "preview").join("\n");
      };
      assert.match(await previewed("untrusted"), /tls\.caCertificate/);
      assert.match(
        await previewed("redirected"),
        /a redirect to https:\/\/login\.example\.org, which was not followed/,
      );

      await write("refresh", await stack.refresh());

      jarsAllowed = false;
      const refused = await write(
        "refused jar",
        await stack.cliUp({ program: () => Promise.resolve(declareAll({ parallelism: 3 })) }),
      );
      assert.match(refused.failure ?? "it succeeded", /answered 403/);

      jarsAllowed = true;
      withToken.script.run = () => "run";
      const destroyed = await write("destroy", await stack.destroy());
      assert.equal(destroyed.failure, undefined);
      places.push(await processes.stop());
      places.push(...(await filesBelow(backend)), ...(await filesBelow(path.dirname(stack.workDir))));
    } finally {
      await processes.stop();
      await stack.dispose();
    }
    assertSent();
    assertSearched(places, stack);
    const pem = client.key.split("\n").filter((line) => line.length >= 16 && !line.startsWith("-----"));
    assert.ok(pem.length > 1);
    const secrets: [name: string, secret: string][] = [
      ...NAMES.map((each): [string, string] => [each, SECRETS[each]]),
      ...pem.map((line): [string, string] => ["client key", line]),
      ["client key in a kubeconfig", base64(client.key)],
      ["credential of basic authentication", basic.slice("Basic ".length)],
    ];
    for (const [name, secret] of secrets) {
      for (const spelling of spellings(secret)) {
        for (const { where, text } of places) {
          const at = text.indexOf(spelling);
          assert.equal(at, -1, `the ${name} is in ${where}: …${text.slice(Math.max(0, at - 300), at + 40)}`);
        }
      }
    }
  });

  /** That the secrets were in play: without that, none could be found anywhere. */
  function assertSent(): void {
    const flinks = [withToken, withPassword, onKubernetes];
    const requests = flinks.flatMap((flink) => flink.requests.map((each) => JSON.stringify(each)));
    const received = [...requests, ...jarRequests, basic].join("\n");
    for (const name of NAMES.filter((each) => !each.includes("redirect") && !each.startsWith("basic"))) {
      const [secret, json] = spellings(SECRETS[name]) as [string, string];
      assert.ok(received.includes(secret) || received.includes(json), `the ${name} was never used`);
    }
  }

  /** That what is searched holds what it should. */
  function assertSearched(places: readonly Place[], stack: RigStack): void {
    const all = (name: RegExp): string =>
      places
        .filter(({ where }) => name.test(where))
        .map(({ text }) => text)
        .join("\n");
    assert.match(all(/the processes/), /cmd[\\/]dynamic-provider[\\/]index\.js/);
    assert.match(all(/\.json/), /ciphertext/);
    assert.match(all(/the event log/), /"urn":".*::with-token"/);
    assert.ok(places.some(({ where }) => where.startsWith(path.dirname(stack.workDir))));
  }
});
