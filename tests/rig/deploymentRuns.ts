/**
 * Runs of a program with one FlinkDeployment, as the Pulumi engine makes them: the same hooks in the same order, with
 * what passes between them as JSON. Time runs as fast as the hooks want to wait.
 */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { PartialFailure } from "../../provider/engine/failure";
import { systemClock } from "../../provider/deployment/clock";
import type { DeploymentInputs } from "../../provider/deployment/inputs";
import type { DeploymentOutputs } from "../../provider/deployment/outputs";
import * as askedHooks from "../../provider/hooks/askedClusters";
import type { AskedOutputs } from "../../provider/hooks/askedClusters";
import * as deploymentHooks from "../../provider/hooks/flinkDeployment";
import type { FlinkEndpoint } from "../../provider/resources/args";
import { UNKNOWN_VALUE } from "../../provider/values/unknown";
import { startEngineServer, type EngineServer } from "../unit/engine/engineServer";
import { FakeFlink, makeJar, type FakeFlinkOptions } from "./fakeFlink";

type Hooks = typeof deploymentHooks;
type AskedHooks = typeof askedHooks;
export type Arguments = Record<string, unknown>;

/** A jar of two classes; the first is its main class. */
function jarBytes(content: string): Buffer {
  return makeJar({ content, classes: ["org.example.Other"] });
}

/** One line on the resource's row. */
interface Line {
  readonly level: "info" | "warn";
  readonly text: string;
}

/** What a preview shows. */
interface Preview {
  readonly changes: boolean;
  /** In words, as the engine prints them. */
  readonly failures: readonly string[];
  readonly lines: readonly Line[];
}

/** What Pulumi's state holds of the resource. */
interface StoredResource {
  readonly id: string;
  readonly inputs: DeploymentInputs;
  readonly outputs: DeploymentOutputs;
  /** The last create or update failed with properties: the next `up` calls update, whatever diff says. */
  readonly unfinished: boolean;
}

const PROVIDER_TEXT = "the provider, serialized";
const PROVIDER_FOLDER = join(__dirname, "..", "..", "provider");

/** Everything that tests of hooks open, to be closed after each. */
export class Rig {
  readonly #open: (() => Promise<void> | void)[] = [];
  readonly #argv = process.argv;
  readonly #clock = { ...systemClock };
  #folder: string | undefined;
  #ahead = 0;

  /** Time flies while a hook waits, and stands still for nobody else. */
  hurry(): void {
    this.#ahead = 0;
    systemClock.now = () => Date.now() + this.#ahead;
    systemClock.sleep = async (ms) => {
      this.#ahead += ms;
      await new Promise((resolve) => setImmediate(resolve));
    };
  }

  /** Lets time pass, where it flies. */
  pass(ms: number): void {
    this.#ahead += ms;
  }

  async flink(options: FakeFlinkOptions = {}): Promise<FakeFlink> {
    const flink = await FakeFlink.start({ now: () => systemClock.now(), ...options });
    this.#open.push(() => flink.close());
    return flink;
  }

  /** A stack of its own, whose engine listens. */
  async stack(): Promise<Stack> {
    return new Stack(await this.#engine());
  }

  /** An engine for the next run, in place of one that is gone. */
  async anotherEngine(stack: Stack): Promise<void> {
    stack.engine = await this.#engine();
  }

  async #engine(): Promise<EngineServer> {
    const engine = await startEngineServer();
    this.#open.push(() => engine.close());
    process.argv = [...this.#argv, engine.address];
    return engine;
  }

  /** What is written to the console until the test is over, as by a provider whose engine is gone. */
  muteConsole(): string[] {
    const { log, warn } = console;
    const written: string[] = [];
    console.log = console.warn = (line: unknown) => void written.push(String(line));
    this.#open.push(() => void Object.assign(console, { log, warn }));
    return written;
  }

  /** The `file://` address of a jar; its content decides its sha256. */
  async jar(content: string, name = "job.jar"): Promise<string> {
    return pathToFileURL(await this.#write(content, name)).href;
  }

  /** A jar as a Pulumi asset, as hooks receive it. */
  async jarAsset(content: string): Promise<Record<string, unknown>> {
    const path = await this.#write(content, `${content}.jar`);
    const hash = createHash("sha256").update(jarBytes(content)).digest("hex");
    return { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", path, hash };
  }

  async #write(content: string, name: string): Promise<string> {
    const folder = (this.#folder ??= await mkdtemp(join(tmpdir(), "pulumi-flink-hooks-")));
    const path = join(folder, name);
    await writeFile(path, jarBytes(content));
    return path;
  }

  /** The address of a jar on a server that wants this header, where one is named. */
  async jarServer(content: string, wanted?: { name: string; value: string }): Promise<string> {
    const server = createServer((request, response) => {
      const allowed = wanted === undefined || request.headers[wanted.name.toLowerCase()] === wanted.value;
      response.writeHead(allowed ? 200 : 403).end(allowed ? jarBytes(content) : "");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#open.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/job.jar`;
  }

  /** To be called when the test is over. */
  onClose(close: () => Promise<void> | void): void {
    this.#open.push(close);
  }

  async close(): Promise<void> {
    process.argv = this.#argv;
    Object.assign(systemClock, this.#clock);
    for (const close of this.#open.splice(0).reverse()) await close();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }
}

export class Stack {
  readonly uid = randomBytes(16).toString("hex");
  readonly urn = `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/flink:FlinkDeployment::orders-${this.uid}`;
  resource: StoredResource | undefined;
  #hooks: Hooks = deploymentHooks;
  #askedHooks: AskedHooks = askedHooks;
  #asked: AskedOutputs | undefined;

  constructor(public engine: EngineServer) {}

  get #askedClusters(): object {
    return this.#asked === undefined ? {} : { askedClusters: this.#asked.clusters };
  }

  /** What Pulumi's state holds of a resource that must be there. */
  get outputs(): DeploymentOutputs {
    assert.ok(this.resource, "the resource is in no state");
    return this.resource.outputs;
  }

  /** Stack configuration, as the engine gives it to a new provider process. */
  async configure(config: Record<string, string>): Promise<void> {
    await this.#hooks.configure({
      config: { get: (key: string) => config[key], require: (key: string) => config[key] ?? "" },
    });
  }

  /** From now on the hooks are those of a provider process that remembers nothing. */
  newProcess(): void {
    const load = createRequire(__filename);
    const ours = Object.keys(load.cache).filter((path) => path.startsWith(PROVIDER_FOLDER));
    const before = ours.map((path) => [path, load.cache[path]] as const);
    for (const path of ours) delete load.cache[path];
    try {
      this.#hooks = load("../../provider/hooks/flinkDeployment") as Hooks;
      this.#askedHooks = load("../../provider/hooks/askedClusters") as AskedHooks;
      const clock = load("../../provider/deployment/clock") as { systemClock: typeof systemClock };
      Object.assign(clock.systemClock, systemClock);
    } finally {
      for (const [path, module] of before) load.cache[path] = module;
    }
  }

  /** All that stays on the resource's row of the run so far, and the engine's mark of each line. */
  get lines(): Line[] {
    return this.engine.lines
      .filter(({ ephemeral }) => !ephemeral)
      .map(({ severity, message, urn }) => {
        assert.equal(urn, this.urn, `a line is on another row: ${message}`);
        return { level: severity === LogSeverity.WARNING ? "warn" : "info", text: message };
      });
  }

  get texts(): string[] {
    return this.lines.map(({ text }) => text);
  }

  /** `pulumi preview`. */
  async preview(program: Arguments): Promise<Preview> {
    this.engine.lines.length = 0;
    const { inputs, failures } = await this.#check(program, true);
    if (failures.length > 0) return { changes: false, failures, lines: this.lines };
    const { resource } = this;
    const changes = resource === undefined || (await this.#diff(resource, inputs));
    return { changes, failures, lines: this.lines };
  }

  /**
   * The resource beside the deployment: what it was given is in the state before the deployment is called, and until
   * that is gone.
   */
  async #ask({ cluster }: Arguments): Promise<void> {
    const inputs = json({ cluster: cluster as FlinkEndpoint | undefined, uid: this.uid, resourceUrn: this.urn });
    const { create, diff, update } = this.#askedHooks;
    if (this.#asked === undefined) {
      this.#asked = json((await create(inputs)).outs);
    } else if ((await diff("", this.#asked, inputs)).changes === true) {
      this.#asked = json((await update("", this.#asked, inputs)).outs);
    }
  }

  /** The update phase of `pulumi up`. Gives whether anything was done; throws what the hook throws. */
  async up(program: Arguments): Promise<boolean> {
    this.engine.lines.length = 0;
    await this.#ask(program);
    const { inputs, failures } = await this.#check(program, false);
    assert.deepEqual(failures, []);
    const { resource } = this;
    if (resource === undefined) {
      await this.#keeping(this.uid, inputs, async () => {
        const { id, outs } = await this.#hooks.create(json(inputs));
        assert.ok(outs);
        return { id, outs };
      });
      return true;
    }
    const changes = await this.#diff(resource, inputs);
    if (!changes && !resource.unfinished) return false;
    const { id } = resource;
    await this.#keeping(id, inputs, async () => {
      const { outs } = await this.#hooks.update(id, json(resource.outputs), json(inputs));
      assert.ok(outs);
      return { id, outs };
    });
    return true;
  }

  /** An `up` that must fail; gives the error's message. What a partial failure carries is in the state afterwards. */
  async failingUp(program: Arguments): Promise<string> {
    return failure(() => this.up(program));
  }

  /** `pulumi refresh`. */
  async refresh(): Promise<DeploymentOutputs> {
    this.engine.lines.length = 0;
    const { resource } = this;
    assert.ok(resource);
    const { id, props } = await this.#hooks.read(resource.id, json(resource.outputs));
    assert.equal(id, resource.id, "a blank id takes the resource out of the state");
    assert.ok(props);
    this.#store(resource.id, resource.inputs, props, false);
    return this.outputs;
  }

  /** `pulumi destroy`. */
  async destroy(): Promise<void> {
    this.engine.lines.length = 0;
    const { resource } = this;
    if (resource !== undefined) await this.#hooks.delete(resource.id, withoutContents(json(resource.outputs)));
    this.resource = undefined;
    if (this.#asked !== undefined) await this.#askedHooks.delete("", json(this.#asked));
    this.#asked = undefined;
  }

  async failingDestroy(): Promise<string> {
    return failure(() => this.destroy());
  }

  async #check(program: Arguments, isDryRun: boolean): Promise<{ inputs: DeploymentInputs; failures: string[] }> {
    const uid = isDryRun && this.resource === undefined ? UNKNOWN_VALUE : this.uid;
    const news = json({
      ...program,
      uid,
      resourceUrn: this.urn,
      isDryRun,
      ...this.#askedClusters,
      __provider: PROVIDER_TEXT,
    });
    const { inputs = {} as DeploymentInputs, failures = [] } = await this.#hooks.check(
      this.resource === undefined ? {} : json(this.resource.inputs),
      news,
    );
    assert.equal(inputs.__provider, PROVIDER_TEXT, "check loses the provider");
    return { inputs: json(inputs), failures: failures.map(({ reason }) => reason) };
  }

  async #diff(resource: StoredResource, inputs: DeploymentInputs): Promise<boolean> {
    const result = await this.#hooks.diff(resource.id, json(resource.outputs), withoutContents(json(inputs)));
    assert.deepEqual(result.replaces, [], "a FlinkDeployment is never replaced");
    return result.changes === true;
  }

  async #keeping(
    id: string,
    inputs: DeploymentInputs,
    operation: () => Promise<{ id: string; outs: DeploymentOutputs }>,
  ): Promise<void> {
    try {
      const { id: given, outs } = await operation();
      assert.equal(given, id);
      this.#store(id, inputs, outs, false);
    } catch (error) {
      if (!isPartial(error)) throw error;
      assert.equal(error.id, id);
      assert.ok(error.reasons.length > 0, "without reasons the engine reports a success");
      assert.equal(error.properties["__provider"], PROVIDER_TEXT, "later hooks would find no provider");
      this.#store(id, inputs, error.properties as unknown as DeploymentOutputs, true);
      throw error;
    }
  }

  #store(id: string, inputs: DeploymentInputs, outputs: DeploymentOutputs, unfinished: boolean): void {
    assert.deepEqual(undefinedAt(outputs), [], "the engine takes no undefined");
    // The host adds the provider to what hooks give.
    this.resource = { id, inputs, outputs: json({ ...outputs, __provider: PROVIDER_TEXT }), unfinished };
  }
}

function isPartial(error: unknown): error is PartialFailure {
  return error instanceof Error && "properties" in error;
}

/** The message of what an operation must throw. */
export async function failure(operation: () => Promise<unknown>): Promise<string> {
  try {
    await operation();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
  throw new assert.AssertionError({ message: "it was expected to fail" });
}

/** As it crosses the boundary between the engine and a provider. */
function json<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** In some hooks only the hash is left of an asset. */
function withoutContents<T extends DeploymentInputs>(inputs: T): T {
  const { jar } = inputs.artifact;
  if (jar?.hash === undefined) return inputs;
  const { path, text, uri, ...left } = jar;
  return { ...inputs, artifact: { ...inputs.artifact, jar: left } };
}

function undefinedAt(value: unknown, path = ""): string[] {
  if (value === undefined) return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => undefinedAt(inner, `${path}.${key}`));
}
