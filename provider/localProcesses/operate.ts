import * as fs from "node:fs/promises";
import { hostname } from "node:os";
import * as path from "node:path";
import { configuration } from "../engine/configuration";
import { PartialFailure } from "../engine/failure";
import { engineFence } from "../engine/fence";
import { untilInterrupted } from "../engine/interruption";
import { createResourceLog } from "../engine/log";
import { clusterPaths, inspectCluster, startCluster, stopCluster, waitUntilReady } from "../local";
import { parseDuration } from "../values/duration";
import { assertHere, isHere } from "./host";
import { sourceOf, type ProcessesInputs, type ProcessesOutputs } from "./inputs";

/** The folder that holds local clusters unless the user names another; not to be committed. */
const DEFAULT_FOLDER = ".pulumi-flink";

/** How much of the incarnation names its folder: paths are shown to people. */
const INCARNATION_DIGITS = 12;

/** The folder of this incarnation. */
export function homeOf({ directory, incarnation }: Pick<ProcessesInputs, "directory" | "incarnation">): string {
  return path.resolve(directory, incarnation.slice(0, INCARNATION_DIGITS));
}

/**
 * Starts what of the cluster does not run, and returns when all slots are registered.
 *
 * @param olds - undefined: nothing was ever started under this incarnation, as far as the state knows.
 */
export function runProcesses(inputs: ProcessesInputs, olds: ProcessesOutputs | undefined): Promise<ProcessesOutputs> {
  return untilInterrupted(async (signal) => {
    if (olds !== undefined) assertHere(olds, await configuration.settings(), "pulumi up");
    // The folder is part of the incarnation: what was written there is found again wherever the program says it is now.
    const home = olds?.home ?? homeOf(inputs);
    const log = createResourceLog(inputs.resourceUrn ?? "");
    const onProgress = (message: string): void => log.progress(message);
    try {
      await engineFence()();
      await keepOutOfRepository(inputs.directory);
      const { taskManagers, slotsPerTaskManager, flinkConfiguration, port } = inputs;
      const { url, flinkVersion } = await startCluster(
        {
          directory: home,
          source: sourceOf(inputs),
          taskManagers,
          slotsPerTaskManager,
          flinkConfiguration,
          ...(port === undefined ? {} : { restPort: port }),
        },
        onProgress,
      );
      const outputs = async (ready: boolean): Promise<ProcessesOutputs> => ({
        ...inputs,
        url,
        runningVersion: flinkVersion,
        host: hostname(),
        home,
        savepointDirectory: savepointDirectory(inputs, home),
        processes: (await inspectCluster(home)).processes.filter(({ state }) => state === "running"),
        ready,
      });
      try {
        const timeoutMs = parseDuration(inputs.clusterReadyTimeout);
        await orInterrupted(
          waitUntilReady(url, taskManagers * slotsPerTaskManager, { timeoutMs, directory: home, onProgress }),
          signal,
        );
      } catch (error) {
        throw new PartialFailure(error, inputs.incarnation, { ...(await outputs(false)) }, { ...inputs });
      }
      return await outputs(true);
    } finally {
      await log.flush();
    }
  });
}

/** Ends the processes. Checkpoints, savepoints and logs stay. */
export function endProcesses(olds: ProcessesOutputs): Promise<void> {
  return untilInterrupted(async () => {
    const settings = await configuration.settings();
    assertHere(olds, settings, "pulumi up");
    const log = createResourceLog(olds.resourceUrn ?? "");
    try {
      if (!isHere(olds)) {
        log.warn(`The cluster is given up: whatever of it runs on the machine ${olds.host} was left there.`);
        return;
      }
      await engineFence()();
      await stopCluster(olds.home);
      log.info(`The processes have ended. Checkpoints, savepoints and logs stay in ${olds.home}`);
    } finally {
      await log.flush();
    }
  });
}

function savepointDirectory({ flinkConfiguration }: ProcessesInputs, home: string): string {
  const set = flinkConfiguration["execution.checkpointing.savepoint-dir"] ?? flinkConfiguration["state.savepoints.dir"];
  return set === undefined ? `file://${clusterPaths(home).savepoints}` : String(set);
}

/** Data and logs beside the program are nothing to commit. */
async function keepOutOfRepository(directory: string): Promise<void> {
  if (directory.split("/")[0] !== DEFAULT_FOLDER) return;
  const folder = path.resolve(DEFAULT_FOLDER);
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  await fs.writeFile(path.join(folder, ".gitignore"), "*\n");
}

function orInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
    if (signal.aborted) stop();
  });
}
