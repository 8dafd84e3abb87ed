import * as pulumi from "@pulumi/pulumi";
import type * as hooks from "../hooks/identity";

/** Arguments of {@link Identity}. */
export interface IdentityArgs {
  /**
   * When any of these changes, the identity is replaced by a new one. One that is left out stays as it was, and one that
   * was not there before changes nothing. Default: none, it never changes.
   */
  keepers?: pulumi.Input<Record<string, pulumi.Input<string | undefined>>>;
  /** Numbers that may grow under the same identity; when one shrinks, the identity is replaced. Default: none. */
  growing?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /** While true the identity stays, whatever changes; what has changed meanwhile replaces it later no more. Default: false. */
  pinned?: pulumi.Input<boolean>;
  /** What it was called when it was made: it stays so, whatever is given later. Default: none. */
  madeAs?: pulumi.Input<string>;
}

/** Found from the project's folder, so that this package's own repository can be a project too. */
function loadHooks(): typeof hooks {
  const load = process.getBuiltinModule("node:module").createRequire(`${process.cwd()}/`);
  return load("pulumi-flink/hooks/identity") as typeof hooks;
}

/** What Pulumi's state holds of the provider: calls by name, so that it never changes with the library. */
const provider: pulumi.dynamic.ResourceProvider<hooks.IdentityInputs, hooks.IdentityOutputs> = {
  check: (olds, news) => loadHooks().check(olds, news),
  diff: (id, olds, news) => loadHooks().diff(id, olds, news),
  create: (inputs) => loadHooks().create(inputs),
};

/**
 * A random id that Pulumi's state keeps before anything acts on it: the uid of a deployment, the incarnation of a
 * cluster. Replaced when its keepers change or what may only grow shrinks, unless it is pinned, and by nothing else.
 */
export class Identity extends pulumi.dynamic.Resource {
  /** 32 hexadecimal digits. */
  declare readonly uid: pulumi.Output<string>;
  /** Tells this identity from those before and after it, and is known in a preview: 16 hexadecimal digits. */
  declare readonly epoch: pulumi.Output<string>;
  /** The argument of that name as it was when this identity was made. */
  declare readonly madeAs: pulumi.Output<string | undefined>;

  constructor(name: string, args: IdentityArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        keepers: args.keepers ?? {},
        growing: args.growing,
        pinned: args.pinned,
        madeAs: args.madeAs,
        epoch: undefined,
        uid: undefined,
      },
      opts,
      "flink",
      "Identity",
    );
  }
}
