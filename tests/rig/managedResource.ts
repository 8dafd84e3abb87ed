import * as assert from "node:assert/strict";
import { HookError, type Properties, type ProviderProcess } from "./providerProcess";

/** What Pulumi's state holds of a resource. */
interface StoredResource {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** The last create or update failed with properties: the next `up` calls update, whatever diff says. */
  readonly unfinished: boolean;
}

/** A hook of a resource, as it is called. */
export type HookName = "check" | "diff" | "create" | "update" | "read" | "delete";

/**
 * One dynamic resource as Pulumi's engine manages it: its state, and the hooks in the engine's order. A partial failure
 * is saved and forces an update next time; any other failure, and the end of the process, leave the old state.
 */
export class ManagedResource {
  private stored: StoredResource | undefined;

  constructor(
    readonly urn: string,
    /** The serialized provider. */
    private readonly provider: string,
    private readonly onHook: (hook: HookName) => void = () => undefined,
  ) {}

  get exists(): boolean {
    return this.stored !== undefined;
  }

  /** The outputs in the state; throws where there are none. */
  get outputs(): Properties {
    assert.ok(this.stored !== undefined, `${this.urn} is not in Pulumi's state`);
    return this.stored.outputs;
  }

  /** The update phase of `pulumi up`; whether a hook had anything to do. */
  async up(host: ProviderProcess, program: Properties): Promise<boolean> {
    this.onHook("check");
    const news = json({ ...program, __provider: this.provider });
    const { inputs, failures } = await host.check(this.urn, this.stored?.inputs ?? {}, news);
    assert.deepEqual(failures, []);
    assert.equal(inputs["isDryRun"], undefined, "check lets isDryRun into the state");
    const { stored } = this;
    if (stored === undefined) {
      this.onHook("create");
      await this.keeping(inputs, () => host.create(this.urn, inputs));
      return true;
    }
    const { id, outputs, unfinished } = stored;
    this.onHook("diff");
    const { changes, replaces } = await host.diff(this.urn, id, outputs, inputs);
    assert.deepEqual(replaces, [], `${this.urn} would be replaced`);
    if (!changes && !unfinished) return false;
    this.onHook("update");
    await this.keeping(inputs, async () => ({ id, properties: await host.update(this.urn, id, outputs, inputs) }));
    return true;
  }

  /** `pulumi refresh`: a success clears the mark that a partial failure has left. */
  async refresh(host: ProviderProcess): Promise<void> {
    const { stored } = this;
    if (stored === undefined) return;
    this.onHook("read");
    const { id, properties } = await host.read(this.urn, stored.id, stored.outputs);
    assert.equal(id, stored.id, "a blank id takes the resource out of the state");
    this.stored = { ...stored, outputs: properties, unfinished: false };
  }

  /** Of `pulumi destroy`, or of a resource that the program has no more. */
  async destroy(host: ProviderProcess): Promise<void> {
    const { stored } = this;
    if (stored === undefined) return;
    this.onHook("delete");
    await host.delete(this.urn, stored.id, stored.outputs);
    this.stored = undefined;
  }

  private async keeping(
    inputs: Properties,
    operation: () => Promise<{ id: string; properties: Properties }>,
  ): Promise<void> {
    try {
      const { id, properties } = await operation();
      this.store(id, inputs, properties, false);
    } catch (error) {
      if (error instanceof HookError && error.partial !== undefined) {
        this.store(error.partial.id, inputs, error.partial.properties, true);
      }
      throw error;
    }
  }

  private store(id: string, inputs: Properties, outputs: Properties, unfinished: boolean): void {
    assert.notEqual(id, "", "a resource without an id");
    assert.equal(outputs["__provider"], this.provider, "later hooks would find no provider");
    this.stored = { id, inputs, outputs, unfinished };
  }
}

function json<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
