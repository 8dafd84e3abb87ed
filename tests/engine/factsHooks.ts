import { appendFileSync, existsSync } from "node:fs";
import type { dynamic } from "@pulumi/pulumi";
import { configuration } from "../../provider/engine/configuration";
import { checkFailures, hookError, PartialFailure } from "../../provider/engine/failure";
import { engineFence } from "../../provider/engine/fence";
import { createResourceLog } from "../../provider/engine/log";
import { currentPhase, rememberPhase } from "../../provider/engine/phase";

/** The inputs of the test resource: most tell a hook what to do. */
export interface FactsInputs {
  isDryRun?: boolean;
  version?: number;
  ownUrn?: string;
  endpoint?: unknown;
  fingerprint?: unknown;
  credentials?: unknown;
  uid?: string;
  refuse?: string;
  failUpdate?: string;
  waitForFence?: boolean;
}

interface FactsOutputs extends FactsInputs {
  copied?: unknown;
}

/** One call of a hook, as the test reads it back. */
export interface Call {
  hook: string;
  id?: string;
  olds?: Record<string, unknown>;
  news?: Record<string, unknown>;
  [detail: string]: unknown;
}

function took(call: Call): void {
  const file = process.env.FACTS_CALLS;
  if (file === undefined) throw new Error("FACTS_CALLS is not set");
  appendFileSync(
    file,
    JSON.stringify(call, (key, value: unknown) => (key === "__provider" ? undefined : value)) + "\n",
  );
}

/** The hooks of a resource that takes down how it is called. */
export const hooks: Required<dynamic.ResourceProvider<FactsInputs, FactsOutputs>> = {
  configure: (request) => configuration.configure(request),

  check: (olds, news) => {
    took({ hook: "check", olds: { ...olds }, news: { ...news } });
    const { isDryRun, ...inputs } = news;
    if (isDryRun !== undefined) rememberPhase(isDryRun);
    const failures = news.refuse === undefined ? [] : checkFailures([{ property: news.refuse, reason: "is refused" }]);
    return Promise.resolve({ inputs, failures });
  },

  diff: async (id, olds, news) => {
    took({ hook: "diff", id, olds: { ...olds }, news: { ...news }, phase: currentPhase() });
    if (news.ownUrn !== undefined) {
      const log = createResourceLog(news.ownUrn);
      log.progress(`a passing line of the ${currentPhase()}`);
      log.info(`a lasting line of the ${currentPhase()}`);
      await log.flush();
    }
    return { changes: olds.version !== news.version, replaces: [] };
  },

  create: async (inputs) => {
    took({ hook: "create", news: { ...inputs } });
    if (inputs.waitForFence === true) await untilFenced();
    return { id: "facts", outs: inputs };
  },

  read: (id, props) => {
    took({ hook: "read", id });
    return Promise.resolve({ id, props });
  },

  update: (id, olds, news) => {
    took({ hook: "update", id, olds: { ...olds }, news: { ...news } });
    if (news.failUpdate === undefined) return Promise.resolve({ outs: news });
    const { failUpdate, ...outputs } = news;
    const kept = { ...outputs, copied: news.credentials };
    throw new PartialFailure(new Error(failUpdate), id, kept, { ...news });
  },

  delete: async (id) => {
    const settings = await configuration.settings();
    took({ hook: "delete", id, abandonJobs: settings.abandonJobs });
  },
};

const PASSES = 50;

/** Goes on for as long as the fence lets it, and takes down that it does so, and what ended it. */
async function untilFenced(): Promise<void> {
  const fence = engineFence();
  for (let passed = 0; ; passed++) {
    try {
      await fence();
    } catch (error) {
      took({ hook: "fenced", code: (error as { code?: string }).code });
      throw hookError(error);
    }
    if (passed === PASSES) {
      took({ hook: "passing", engine: process.argv.at(-1) });
      await allowed();
    }
    await pause();
  }
}

/** Where the test names a file for it, the fence is looked at again once that is there. */
async function allowed(): Promise<void> {
  const file = process.env.FACTS_ALLOWED;
  while (file !== undefined && !existsSync(file)) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
