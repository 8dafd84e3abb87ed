import * as assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as path from "node:path";
import type { DeploymentInputs } from "../../provider/deployment/inputs";
import type { DeploymentOutputs } from "../../provider/deployment/outputs";
import * as hooks from "../../provider/hooks/flinkDeployment";
import type { FaultyProxy, Interception } from "./faultyProxy";

/** What a preview says. */
export interface Preview {
  /** Why `check` refuses the arguments; the rest is empty then. */
  readonly failures: readonly string[];
  readonly changes: boolean;
  /** The lines on the resource's row: warnings and the plan. */
  readonly lines: readonly string[];
}

/** One call of `create` or `update`, as it is given to another process. */
type ChangeCall =
  | { readonly kind: "create"; readonly news: DeploymentInputs }
  | { readonly kind: "update"; readonly id: string; readonly olds: DeploymentOutputs; readonly news: DeploymentInputs };

/** One call of a hook, as it is given to another process. */
export type HookCall = ChangeCall | { readonly kind: "delete"; readonly id: string; readonly olds: DeploymentOutputs };

/** How a hook ended in another process. */
export interface HookOutcome {
  /** Undefined: it succeeded. */
  readonly failure?: string;
  /** What a partial failure carries. */
  readonly properties?: object | undefined;
  /** Of one that succeeded: by how much the process has grown at most. */
  readonly grownBytes?: number;
}

/**
 * Calls the hooks of one FlinkDeployment as Pulumi's engine does, and keeps its state: what a hook gives comes back to
 * the next one through JSON, a partial failure is saved and forces an update, a plain failure leaves the old state.
 */
export class DeploymentHooks {
  private inputs: object = {};
  private mustUpdate = false;
  private state: DeploymentOutputs | undefined;
  /** The lines on the resource's row of the last operation. */
  lines: readonly string[] = [];

  constructor(readonly uid: string = randomBytes(16).toString("hex")) {}

  /** The outputs in Pulumi's state; throws where there are none. */
  get outputs(): DeploymentOutputs {
    assert.ok(this.state !== undefined, "the deployment is not in Pulumi's state");
    return this.state;
  }

  /** Whether it is in Pulumi's state. */
  get exists(): boolean {
    return this.state !== undefined;
  }

  /** `pulumi preview`. */
  async preview(args: object): Promise<Preview> {
    return this.capture(async () => {
      const { failures, news } = await this.check(args, true);
      if (failures.length > 0) return { failures, changes: false, lines: [] };
      if (this.state === undefined) return { failures, changes: true, lines: this.lines };
      const { changes } = await hooks.diff(this.uid, this.state, news);
      return { failures, changes: changes === true || this.mustUpdate, lines: this.lines };
    });
  }

  /** `pulumi up`: the outputs, or the error of the hook that failed. */
  async apply(args: object): Promise<DeploymentOutputs> {
    return this.capture(async () => {
      const call = await this.callOf(args);
      if (call === undefined) return this.outputs;
      try {
        const { outs } = call.kind === "create" ? await hooks.create(call.news) : await this.update(call);
        return this.save(outs, call.news);
      } catch (error) {
        // The engine saves the properties of a partial failure, and updates next time whatever `diff` says.
        if (error instanceof Error && "properties" in error && "reasons" in error && "id" in error) {
          this.save(error.properties, call.news);
          this.mustUpdate = true;
        }
        throw error;
      }
    });
  }

  /** `pulumi up` that must fail: its error's message. */
  async fails(args: object): Promise<string> {
    const outcome = await this.apply(args).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(outcome instanceof Error, "the update succeeded");
    return outcome.message;
  }

  /**
   * `pulumi up` in a process of its own that is killed (SIGKILL) when a request comes through the proxy. Pulumi's state
   * stays what it was.
   */
  async crash(args: object, proxy: FaultyProxy, when: Omit<Interception, "act" | "times">): Promise<void> {
    const call = await this.callOf(args);
    assert.ok(call !== undefined, "there is nothing to update");
    const { child, ended } = hookProcess();
    const { happened } = await new Promise<{ happened: boolean }>((resolve) => {
      proxy.intercept({
        ...when,
        act: async () => {
          child.kill("SIGKILL");
          await ended;
          resolve({ happened: true });
        },
      });
      child.once("message", () => resolve({ happened: false }));
      child.send(call);
    });
    child.kill("SIGKILL");
    await ended;
    assert.ok(happened, `the update ended without a ${when.method} ${String(when.path)}`);
  }

  /**
   * `pulumi up`, or `pulumi destroy` without arguments, in a process of its own that is told to end (SIGINT) once a
   * condition has come true. Gives the error's message and how long it took, in milliseconds; what a partial failure of
   * an update carries is in the state afterwards.
   */
  async interrupted(
    args: object | undefined,
    condition: () => Promise<unknown>,
  ): Promise<{ failure: string; tookMs: number }> {
    const call: HookCall | undefined =
      args === undefined ? { kind: "delete", id: this.uid, olds: this.outputs } : await this.callOf(args);
    assert.ok(call !== undefined, "there is nothing to update");
    const { child, ended } = hookProcess();
    const answer = new Promise<HookOutcome>((resolve) =>
      child.once("message", (outcome: HookOutcome) => resolve(outcome)),
    );
    child.send(call);
    const early = answer.then(({ failure }) => assert.fail(`it ended before: ${failure ?? "it succeeded"}`));
    await Promise.race([condition(), early]);
    early.catch(() => undefined);
    const told = Date.now();
    child.kill("SIGINT");
    const gone = ended.then((signal): never => assert.fail(`it ended by ${String(signal)} without an answer`));
    const { failure, properties } = await Promise.race([answer, gone]);
    gone.catch(() => undefined);
    const tookMs = Date.now() - told;
    assert.equal(await ended, "SIGINT", "the process ends as it was told");
    assert.ok(failure !== undefined, "it succeeded");
    if (properties !== undefined && call.kind !== "delete") {
      this.save(properties, call.news);
      this.mustUpdate = true;
    }
    return { failure, tookMs };
  }

  /**
   * `pulumi up` in a process of its own, of which Pulumi's state learns nothing.
   *
   * @param engine - the address of what takes its lines.
   * @returns by how many bytes that process has grown at most.
   */
  async measured(args: object, engine: string): Promise<number> {
    const call = await this.callOf(args);
    assert.ok(call !== undefined, "there is nothing to update");
    const { child, ended } = hookProcess(engine);
    const answer = new Promise<HookOutcome>((resolve) => child.once("message", resolve));
    child.send(call);
    const gone = ended.then((): HookOutcome => ({ failure: "it ended without an answer" }));
    const { failure, grownBytes } = await Promise.race([answer, gone]);
    child.kill("SIGKILL");
    await ended;
    assert.equal(failure, undefined);
    return grownBytes ?? assert.fail();
  }

  /** `pulumi refresh`. A success clears the mark that a partial failure has left. */
  async refresh(): Promise<DeploymentOutputs> {
    return this.capture(async () => {
      const { id, props } = await hooks.read(this.uid, this.outputs);
      assert.equal(id, this.uid);
      assert.ok(props !== undefined);
      this.mustUpdate = false;
      return (this.state = throughJson(props));
    });
  }

  /** `pulumi destroy`. */
  async remove(): Promise<void> {
    await this.capture(async () => {
      await hooks.delete(this.uid, this.outputs);
      this.state = undefined;
      this.inputs = {};
      this.mustUpdate = false;
    });
  }

  private async callOf(args: object): Promise<ChangeCall | undefined> {
    const { failures, news } = await this.check(args, false);
    assert.deepEqual(failures, []);
    if (this.state === undefined) return { kind: "create", news };
    const { changes } = await hooks.diff(this.uid, this.state, news);
    if (changes !== true && !this.mustUpdate) return undefined;
    return { kind: "update", id: this.uid, olds: this.state, news };
  }

  private async check(args: object, isDryRun: boolean): Promise<{ failures: string[]; news: DeploymentInputs }> {
    const given = throughJson({ ...args, uid: this.uid, isDryRun, __provider: "the provider's code" });
    const { inputs, failures } = await hooks.check(this.inputs, given);
    return {
      failures: (failures ?? []).map(({ reason }) => reason),
      news: throughJson(inputs as DeploymentInputs),
    };
  }

  private async update({ id, olds, news }: Extract<ChangeCall, { kind: "update" }>): Promise<{ outs: unknown }> {
    return { outs: (await hooks.update(id, olds, news)).outs };
  }

  private save(outputs: unknown, news: DeploymentInputs): DeploymentOutputs {
    // What is not JSON-like Pulumi refuses with "Unexpected struct type".
    const plain = throughJson(outputs);
    assert.deepEqual(plain, outputs);
    this.state = plain as DeploymentOutputs;
    this.inputs = news;
    this.mustUpdate = false;
    return this.state;
  }

  /** Without an engine, the lines of a resource go to the console. */
  private async capture<T>(operation: () => Promise<T>): Promise<T> {
    const lines: string[] = [];
    this.lines = lines;
    const { log, warn } = console;
    console.log = console.warn = (text: unknown) => void lines.push(String(text));
    try {
      return await operation();
    } finally {
      console.log = log;
      console.warn = warn;
    }
  }
}

function hookProcess(...args: string[]): { child: ChildProcess; ended: Promise<NodeJS.Signals | null> } {
  const child = fork(path.join(__dirname, "deploymentHooksProcess.js"), args, { stdio: "ignore" });
  return { child, ended: new Promise((resolve) => child.once("exit", (_, endedBy) => resolve(endedBy))) };
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
