import { Rig, type Arguments, type Stack } from "../../rig/deploymentRuns";
import type { FakeFlink, FakeFlinkOptions } from "../../rig/fakeFlink";

/** A rig that every test of a `describe` gets anew. */
export function useRig(): Rig {
  const rig = new Rig();
  beforeEach(() => rig.hurry());
  afterEach(() => rig.close());
  return rig;
}

/** A deployment on a cluster, up and running. */
export interface Running {
  readonly flink: FakeFlink;
  readonly stack: Stack;
  /** The program, with changes. */
  readonly program: (changes?: Arguments) => Arguments;
  /** The address of the first jar. */
  readonly jarUri: string;
}

/** A cluster and a program for it; nothing has run yet. */
export async function prepare(rig: Rig, options?: FakeFlinkOptions): Promise<Running> {
  const flink = await rig.flink(options);
  // Kept: a closed cluster has no address any more.
  const { url } = flink;
  const stack = await rig.stack();
  const jarUri = await rig.jar("first");
  const program = (changes: Arguments = {}): Arguments => ({
    cluster: { url },
    artifact: { jarUri },
    flinkConfiguration: { "execution.checkpointing.interval": "1 s" },
    ...changes,
  });
  return { flink, stack, program, jarUri };
}

/** As {@link prepare}, after a first `up`. */
export async function start(rig: Rig, changes: Arguments = {}, options?: FakeFlinkOptions): Promise<Running> {
  const prepared = await prepare(rig, options);
  const program = (more: Arguments = {}): Arguments => prepared.program({ ...changes, ...more });
  await prepared.stack.up(program());
  return { ...prepared, program };
}

/** Every request that changes something. */
export function mutations({ requests }: FakeFlink): string[] {
  return requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
}
