import type { dynamic } from "@pulumi/pulumi";
import { configuration } from "../engine/configuration";
import { createResourceLog } from "../engine/log";
import { currentPhase } from "../engine/phase";
import { LocalConfigurationError } from "../local/errors";
import { inspectCluster } from "../local";
import { assertHere, isHere } from "./host";
import type { ProcessesInputs, ProcessesOutputs, ProcessOutput } from "./inputs";

/**
 * Compares what is asked for with what was started, and with what runs now: processes that died are a change, so that
 * an `up` without a refresh brings them back.
 */
export async function diffProcesses(olds: ProcessesOutputs, news: ProcessesInputs): Promise<dynamic.DiffResult> {
  const replaces = (["fingerprint", "incarnation"] as const).filter((name) => olds[name] !== news[name]);
  if (replaces.length > 0) {
    refuseSamePort(olds, news);
    return { changes: true, replaces, deleteBeforeReplace: false };
  }
  assertHere(olds, await configuration.settings(), "pulumi up");
  const found = await missing(olds);
  if (currentPhase() === "preview" && found.length > 0) {
    const log = createResourceLog(news.resourceUrn ?? "");
    log.info(`plan: start ${found.join(", ")} again`);
    await log.flush();
  }
  const changes = found.length > 0 || !olds.ready || olds.taskManagers !== news.taskManagers;
  return { changes, replaces: [] };
}

/** The processes as they are now. Never throws: what cannot be looked at stays as it was. */
export async function readProcesses(olds: ProcessesOutputs): Promise<ProcessesOutputs> {
  const log = createResourceLog(olds.resourceUrn ?? "");
  try {
    if (!isHere(olds)) {
      log.warn(`The processes run on the machine ${olds.host}, so they were not looked at.`);
      return olds;
    }
    const live = (await inspectCluster(olds.home)).processes;
    const processes = olds.processes.map((before): ProcessOutput => {
      const now = live.find(({ name, pid }) => name === before.name && pid === before.pid);
      return { ...before, state: now?.state ?? "dead" };
    });
    const dead = processes.filter(({ state }) => state === "dead");
    if (dead.length > 0) {
      const names = dead.map(({ name, pid }) => `${name} (process ${pid})`).join(", ");
      log.warn(`Died: ${names}. \`pulumi up\` starts again what is missing.`);
    }
    return { ...olds, processes };
  } catch (error) {
    log.warn(`The processes could not be looked at: ${error instanceof Error ? error.message : String(error)}`);
    return olds;
  } finally {
    await log.flush();
  }
}

/** What should run and does not, in words. */
async function missing(olds: ProcessesOutputs): Promise<string[]> {
  const running = (await inspectCluster(olds.home)).processes.filter(({ state }) => state === "running");
  return olds.processes
    .filter(({ name }) => !running.some((process) => process.name === name))
    .map(({ name, pid }) => `${name} (process ${pid} has died)`);
}

/** The new cluster is up before the old one goes: both cannot listen on one port. */
function refuseSamePort(olds: ProcessesOutputs, news: ProcessesInputs): void {
  if (news.port === undefined || olds.port !== news.port) return;
  throw new LocalConfigurationError(
    `port ${news.port} is held by the cluster that this change replaces, and the new one starts before the old one ` +
      "ends, so that jobs can move. Nothing was changed. Give another port together with the change, or leave port out.",
  );
}
