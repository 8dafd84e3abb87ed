import { setTimeout as delay } from "node:timers/promises";
import { untilInterrupted } from "../engine/interruption";
import { createResourceLog, type ResourceLog } from "../engine/log";
import type { FlinkClient } from "../flink/client";
import { ClusterUnreachableError } from "../flink/errors";
import { formatDuration, parseDuration } from "../values/duration";
import { connect } from "./connect";
import { ClusterNotReadyError } from "./errors";
import type { RegistrationInputs, RegistrationOutputs } from "./inputs";

const POLL_MS = 250;

/** Returns when the cluster is ready for jobs. Says on the way what it waits for. */
export function register(inputs: RegistrationInputs): Promise<RegistrationOutputs> {
  return untilInterrupted(async (signal) => {
    const log = createResourceLog(inputs.resourceUrn ?? "");
    const client = connect(inputs.endpoint, "program");
    try {
      const runningVersion = await awaitReady(inputs, client, log, signal);
      return { ...inputs, runningVersion };
    } finally {
      await Promise.all([client.close(), log.flush()]);
    }
  });
}

async function awaitReady(
  inputs: RegistrationInputs,
  client: FlinkClient,
  log: ResourceLog,
  signal: AbortSignal,
): Promise<string> {
  const timeoutMs = parseDuration(inputs.clusterReadyTimeout);
  const deadline = Date.now() + timeoutMs;
  let said = "";
  for (;;) {
    signal.throwIfAborted();
    const { version, missing } = await look(inputs, client);
    if (missing === undefined) return version;
    if (missing !== said) log.progress(`waiting for ${missing}`);
    said = missing;
    if (Date.now() > deadline) {
      throw new ClusterNotReadyError(
        `The Flink cluster ${inputs.clusterName} was not ready after ${formatDuration(timeoutMs)} ` +
          `(clusterReadyTimeout): still waiting for ${missing}. No job was touched. ` +
          "Look into the logs of its JobManager and TaskManagers, then run `pulumi up` again.",
      );
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function look(
  { taskManagers, slots }: RegistrationInputs,
  client: FlinkClient,
): Promise<{ version: string; missing: string | undefined }> {
  try {
    const overview = await client.overview();
    const missing =
      overview.taskManagers < taskManagers
        ? `TaskManagers: ${overview.taskManagers} of ${taskManagers} registered`
        : overview.slotsTotal < slots
          ? `slots: ${overview.slotsTotal} of ${slots} registered`
          : undefined;
    return { version: overview.flinkVersion, missing };
  } catch (error) {
    if (!(error instanceof ClusterUnreachableError)) throw error;
    return { version: "", missing: "the JobManager's REST API to answer" };
  }
}
