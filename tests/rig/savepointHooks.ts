import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import type * as savepointHooks from "../../provider/hooks/savepoint";
import { canonicalJson } from "../../provider/values/canonicalJson";
import { UNKNOWN_VALUE } from "../../provider/values/unknown";
import type { SavepointInputs, SavepointOutputs } from "../../provider/savepoint/inputs";

interface Stored {
  readonly id: string;
  readonly inputs: SavepointInputs;
  readonly outputs: SavepointOutputs;
}

/** What a preview of a Savepoint says. */
interface SavepointPreview {
  readonly failures: readonly string[];
  readonly changes: boolean;
  readonly replaces: readonly string[];
  readonly lines: readonly string[];
}

const PROVIDER_TEXT = "the provider, serialized";

/** The hooks as another provider process has them: what the last one knew of Savepoints is forgotten. */
function hooksOfAnotherProcess(): typeof savepointHooks {
  const load = createRequire(__filename);
  const ours = /[\\/]provider[\\/](?:savepoint[\\/]|hooks[\\/]savepoint)/;
  for (const path of Object.keys(load.cache).filter((each) => ours.test(each))) delete load.cache[path];
  return load("../../provider/hooks/savepoint") as typeof savepointHooks;
}

/**
 * One Savepoint under its hooks, in the order in which Pulumi's engine calls them: a replacement is checked again without
 * olds, made before the old one goes, and gets another identity. What passes between hooks is JSON.
 */
export class SavepointHooks {
  private identity: { madeOf: string; uid: string } | undefined;
  private stored: Stored | undefined;
  private hooks = hooksOfAnotherProcess();
  /** Replaced, and still to be deleted. */
  private pending: Stored | undefined;
  /** What the last operation printed on the resource's row. */
  lines: string[] = [];

  get outputs(): SavepointOutputs {
    return (this.stored ?? assert.fail("the Savepoint is in no state")).outputs;
  }

  /** `pulumi preview`. */
  preview(args: object): Promise<SavepointPreview> {
    return this.printing(async () => {
      const uid = this.uidFor(args) ?? UNKNOWN_VALUE;
      const { inputs, failures } = await this.check(this.stored?.inputs ?? {}, args, uid, true);
      const { stored } = this;
      if (failures.length > 0) return { failures, changes: false, replaces: [], lines: this.lines };
      if (stored === undefined) return { failures, changes: true, replaces: [], lines: this.lines };
      const { changes = false, replaces = [] } = await this.hooks.diff(stored.id, json(stored.outputs), inputs);
      if (replaces.length > 0) await this.check({}, args, UNKNOWN_VALUE, true);
      return { failures, changes, replaces, lines: this.lines };
    });
  }

  /**
   * The update phase of `pulumi up`; whether anything was done.
   *
   * @param options - `replace`: `pulumi up --replace`, which asks no diff.
   */
  up(args: object, options: { replace?: boolean } = {}): Promise<boolean> {
    return this.printing(async () => {
      const uid = this.identityFor(args);
      const { stored } = this;
      if (stored === undefined) {
        await this.make(args, uid);
        return true;
      }
      if (options.replace !== true) {
        const { inputs, failures } = await this.check(stored.inputs, args, uid, false);
        assert.deepEqual(failures, []);
        const {
          changes,
          replaces = [],
          deleteBeforeReplace,
        } = await this.hooks.diff(stored.id, json(stored.outputs), inputs);
        assert.notEqual(deleteBeforeReplace, true);
        if (changes !== true) {
          this.stored = { ...stored, inputs };
          return false;
        }
        if (replaces.length === 0) {
          const { outs } = await this.hooks.update(stored.id, json(stored.outputs), json(inputs));
          this.store(stored.id, inputs, outs);
          return true;
        }
      }
      await this.make(args, uid);
      this.pending = stored;
      await this.deletePending();
      return true;
    });
  }

  /** An `up` that must fail: its error's message. */
  async failingUp(args: object): Promise<string> {
    const error: unknown = await this.up(args).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    assert.ok(error instanceof Error, "it was expected to fail");
    return error.message;
  }

  async refresh(): Promise<void> {
    const { id, outputs } = this.stored ?? assert.fail();
    const read = await this.hooks.read(id, json(outputs));
    assert.equal(read.id, id, "a blank id takes the resource out of the state");
    assert.deepEqual(read.props, outputs);
  }

  /** `pulumi destroy`, or that the program has it no more. */
  destroy(): Promise<void> {
    return this.printing(async () => {
      await this.deletePending();
      const { id, outputs } = this.stored ?? assert.fail();
      await this.hooks.delete(id, json(outputs));
      this.stored = undefined;
    });
  }

  async failingDestroy(): Promise<string> {
    const error: unknown = await this.destroy().then(
      () => undefined,
      (failure: unknown) => failure,
    );
    assert.ok(error instanceof Error, "it was expected to fail");
    return error.message;
  }

  private async deletePending(): Promise<void> {
    if (this.pending === undefined) return;
    await this.hooks.delete(this.pending.id, json(this.pending.outputs));
    this.pending = undefined;
  }

  private async make(args: object, uid: string): Promise<void> {
    const { inputs, failures } = await this.check({}, args, uid, false);
    assert.deepEqual(failures, []);
    const { id, outs } = await this.hooks.create(json(inputs));
    assert.ok(id !== "", "a resource without an id");
    this.store(id, inputs, outs);
  }

  private async check(
    olds: object,
    args: object,
    uid: string,
    isDryRun: boolean,
  ): Promise<{ inputs: SavepointInputs; failures: string[] }> {
    const news = json({ ...args, uid, isDryRun, __provider: PROVIDER_TEXT });
    const { inputs, failures = [] } = await this.hooks.check(json(olds), news);
    assert.ok(inputs !== undefined && !("isDryRun" in inputs));
    return { inputs: json(inputs), failures: failures.map(({ reason }) => reason) };
  }

  /** As its keepers make it; undefined: another one, which a preview does not know. */
  private uidFor(args: object): string | undefined {
    return this.identity?.madeOf === madeOf(args) ? this.identity.uid : undefined;
  }

  private identityFor(args: object): string {
    const uid = this.uidFor(args) ?? randomBytes(16).toString("hex");
    this.identity = { madeOf: madeOf(args), uid };
    return uid;
  }

  private store(id: string, inputs: SavepointInputs, outs: SavepointOutputs | undefined): void {
    assert.ok(outs);
    assert.deepEqual(json(outs), outs, "the engine takes no undefined");
    this.stored = { id, inputs, outputs: { ...outs, __provider: PROVIDER_TEXT } };
  }

  /** Without an engine, the lines of a resource go to the console. */
  private async printing<T>(operation: () => Promise<T>): Promise<T> {
    this.lines = [];
    this.hooks = hooksOfAnotherProcess();
    const { log, warn } = console;
    console.log = (text: unknown) => void this.lines.push(String(text));
    console.warn = (text: unknown) => void this.lines.push(`warning: ${String(text)}`);
    try {
      return await operation();
    } finally {
      console.log = log;
      console.warn = warn;
    }
  }
}

function madeOf(args: object): string {
  const { triggers, formatType = "CANONICAL", targetDirectory, adoptPath } = args as Partial<SavepointInputs>;
  return canonicalJson([triggers, formatType, targetDirectory, adoptPath]);
}

function json<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
