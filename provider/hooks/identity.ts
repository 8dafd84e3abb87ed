import { randomBytes } from "node:crypto";
import type { dynamic } from "@pulumi/pulumi";
import { canonicalJson } from "../values/canonicalJson";

export interface IdentityInputs {
  readonly keepers?: Readonly<Record<string, string>>;
  readonly growing?: Readonly<Record<string, number>>;
  /** How often something shrank; `check` counts, since `diff` is not told the inputs that the state has now. */
  readonly shrunk?: number;
}

export interface IdentityOutputs extends IdentityInputs {
  readonly uid: string;
}

/**
 * Growth is no change to `diff`, so that the uid stays known in a preview; the state takes the grown numbers as inputs
 * all the same, and here they come back.
 */
export function check(
  olds: Partial<IdentityInputs>,
  news: IdentityInputs,
): Promise<dynamic.CheckResult<IdentityInputs>> {
  if (news.growing === undefined) return Promise.resolve({ inputs: news, failures: [] });
  const before = olds.growing ?? {};
  const shrinks = Object.entries(news.growing).some(([name, value]) => value < (before[name] ?? -Infinity));
  return Promise.resolve({ inputs: { ...news, shrunk: (olds.shrunk ?? 0) + (shrinks ? 1 : 0) }, failures: [] });
}

export function diff(_id: string, olds: IdentityOutputs, news: IdentityInputs): Promise<dynamic.DiffResult> {
  const replaces = [
    ...(canonicalJson(olds.keepers ?? {}) === canonicalJson(news.keepers ?? {}) ? [] : ["keepers"]),
    ...((olds.shrunk ?? 0) === (news.shrunk ?? 0) ? [] : ["growing"]),
  ];
  return Promise.resolve({ changes: replaces.length > 0, replaces });
}

export function create(inputs: IdentityInputs): Promise<dynamic.CreateResult<IdentityOutputs>> {
  const uid = randomBytes(16).toString("hex");
  return Promise.resolve({ id: uid, outs: { ...inputs, uid } });
}
