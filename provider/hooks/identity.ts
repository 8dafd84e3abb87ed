import { randomBytes } from "node:crypto";
import type { dynamic } from "@pulumi/pulumi";
import { keep, type Keeping } from "../identity/epoch";

export interface IdentityInputs extends Keeping {
  /** Set by `check`: the same text for as long as it is the same identity. */
  readonly epoch?: string;
  /** Compared with nothing: the outputs keep what `create` was given. */
  readonly madeAs?: string;
}

export interface IdentityOutputs extends IdentityInputs {
  readonly uid: string;
}

/** The state takes each check's inputs, also where `diff` finds no change: the next check is given them as olds. */
export function check(
  olds: Partial<IdentityInputs>,
  news: IdentityInputs,
): Promise<dynamic.CheckResult<IdentityInputs>> {
  return Promise.resolve({ inputs: { ...news, ...keep(olds, news) }, failures: [] });
}

export function diff(_id: string, olds: IdentityOutputs, news: IdentityInputs): Promise<dynamic.DiffResult> {
  const changes = olds.epoch !== news.epoch;
  return Promise.resolve({ changes, replaces: changes ? ["epoch"] : [] });
}

export function create(inputs: IdentityInputs): Promise<dynamic.CreateResult<IdentityOutputs>> {
  const uid = randomBytes(16).toString("hex");
  return Promise.resolve({ id: uid, outs: { ...inputs, uid } });
}
