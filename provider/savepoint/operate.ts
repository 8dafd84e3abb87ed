import { fromInputs, fromState } from "../access/credentials";
import { clockUntil } from "../deployment/clock";
import { isEndpointGone } from "../deployment/clusters";
import { identityOf } from "../deployment/desired";
import { openLog, reporterOf } from "../deployment/resourceRow";
import type { SecretInputs } from "../deployment/secrets";
import { configuration } from "../engine/configuration";
import { untilInterrupted } from "../engine/interruption";
import type { ResourceLog } from "../engine/log";
import { plainOutputs } from "../engine/plainOutputs";
import { PulumiFlinkError } from "../errors";
import { disposeOf } from "../lifecycle/dispose";
import { whileUnreachable, type WaitContext } from "../lifecycle/waiting";
import type { FlinkEndpoint } from "../resources/args";
import { abandonSetting } from "../values/abandonment";
import { formatDuration, parseDuration } from "../values/duration";
import { mayBeSameSnapshot } from "../values/snapshotPath";
import { JobNotRunningError, SavepointNotDisposedError } from "./errors";
import { isHeld, rememberHeld } from "./held";
import { sourceOf, type SavepointInputs, type SavepointOutputs, type TakenSavepoint } from "./inputs";
import { SavepointCluster } from "./savepointCluster";
import { takeSavepoint, type TakeContext } from "./take";
import { bytesText, noJobText } from "./words";

/** Whose secrets may come into what is said of a Savepoint. */
export function secretsOf(inputs: SavepointInputs): SecretInputs {
  const { cluster } = sourceOf(inputs);
  const { markedSecrets } = inputs;
  return {
    ...(cluster === undefined ? {} : { cluster }),
    ...(markedSecrets === undefined ? {} : { markedSecrets }),
  };
}

function rowOf(inputs: SavepointInputs): ResourceLog {
  const { resourceUrn } = inputs;
  return openLog({ ...secretsOf(inputs), ...(resourceUrn === undefined ? {} : { resourceUrn }) });
}

/** Takes the savepoint, or adopts the one that is there already. */
export function makeSavepoint(uid: string, inputs: SavepointInputs): Promise<SavepointOutputs> {
  return untilInterrupted(async (signal) => {
    const log = rowOf(inputs);
    try {
      const taken =
        inputs.adoptPath === undefined ? await take(uid, inputs, log, signal) : adopt(inputs.adoptPath, log);
      rememberHeld(taken.path);
      return outputsOf(uid, inputs, taken, sourceOf(inputs).cluster);
    } finally {
      await log.flush();
    }
  });
}

/** Records what is said now; what the savepoint is stays. */
export function recordSavepoint(olds: SavepointOutputs, news: SavepointInputs): SavepointOutputs {
  const { path, origin, jobId, formatType, sizeBytes, time } = olds;
  const taken = plainOutputs<TakenSavepoint>({ path, origin, jobId, formatType, sizeBytes, time });
  return outputsOf(olds.uid, news, taken, sourceOf(news).cluster ?? olds.endpoint);
}

function outputsOf(
  uid: string,
  { jobId, formatType, ...inputs }: SavepointInputs,
  taken: TakenSavepoint,
  endpoint: FlinkEndpoint | undefined,
): SavepointOutputs {
  return plainOutputs({ ...inputs, ...taken, uid, ...(endpoint === undefined ? {} : { endpoint }) });
}

function adopt(path: string, log: ResourceLog): TakenSavepoint {
  log.info(`adopted ${path}; no savepoint was taken`);
  return { path, origin: "COPIED" };
}

async function take(
  uid: string,
  inputs: SavepointInputs,
  log: ResourceLog,
  signal: AbortSignal,
): Promise<TakenSavepoint> {
  const { cluster: endpoint, jobId } = sourceOf(inputs);
  if (endpoint === undefined || jobId === undefined) throw new JobNotRunningError(noJobText());
  const { formatType = "CANONICAL", targetDirectory, timeouts } = inputs;
  const cluster = SavepointCluster.open(fromInputs(endpoint));
  const context = waitContext(inputs, log, signal);
  const began = context.clock.now();
  try {
    const path = await takeSavepoint(
      { ...context, cluster },
      {
        uid,
        jobId,
        formatType,
        targetDirectory,
        maxAttempts: inputs.maxSavepointCreationAttempts,
        savepointTimeoutMs: timeouts.savepoint === undefined ? undefined : parseDuration(timeouts.savepoint),
        runningTimeoutMs: parseDuration(timeouts.running),
      },
    );
    const took = formatDuration(context.clock.now() - began);
    const { triggerTime = began, sizeBytes } = (await statistics(cluster, jobId, path)) ?? {};
    const size = sizeBytes === undefined ? "" : ` (${bytesText(sizeBytes)})`;
    log.info(`took a savepoint of job ${jobId} in ${took}: ${path}${size}`);
    const time = new Date(triggerTime).toISOString();
    return { path, origin: "USER_REQUEST", jobId, formatType, time, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
  } finally {
    await cluster.close();
  }
}

/** A savepoint that is taken stays taken, whatever its statistics say. */
async function statistics(
  cluster: SavepointCluster,
  jobId: string,
  path: string,
): Promise<{ readonly triggerTime?: number; readonly sizeBytes?: number } | undefined> {
  try {
    return await cluster.statisticsOf(jobId, path);
  } catch (error) {
    if (error instanceof PulumiFlinkError) return undefined;
    throw error;
  }
}

function waitContext(
  { timeouts }: SavepointInputs,
  log: ResourceLog,
  signal: AbortSignal,
): Omit<TakeContext, "cluster"> {
  return {
    clock: clockUntil(signal),
    reporter: reporterOf(log),
    interrupted: () => signal.aborted,
    unreachableTimeoutMs: parseDuration(timeouts.unreachable),
  };
}

/** Disposes of the savepoint where that was asked for; says where it stays otherwise. */
export function letGo(olds: SavepointOutputs): Promise<void> {
  return untilInterrupted(async (signal) => {
    const settings = await configuration.settings();
    const log = rowOf(olds);
    try {
      const stays = await reasonToStay(olds, settings.abandonJobs);
      if (stays === undefined) await dispose(olds, log, signal);
      else log[stays.level](`savepoint ${olds.path} stays in its storage${stays.why}`);
    } finally {
      await log.flush();
    }
  });
}

async function reasonToStay(
  { disposeOnDelete, path, endpoint, uid }: SavepointOutputs,
  abandoned: readonly string[],
): Promise<{ level: "info" | "warn"; why: string } | undefined> {
  if (!disposeOnDelete) return { level: "info", why: "" };
  if (isHeld(path)) return { level: "info", why: ": another Savepoint of this program holds it" };
  if (abandoned.includes(uid)) return { level: "warn", why: ", as it was told to" };
  if (endpoint === undefined) return { level: "warn", why: ": no cluster is known that could dispose of it" };
  const gone = await isEndpointGone(endpoint);
  return gone ? { level: "warn", why: ": its cluster does not run any more, so nothing can dispose of it" } : undefined;
}

async function dispose(olds: SavepointOutputs, log: ResourceLog, signal: AbortSignal): Promise<void> {
  const { endpoint, path } = olds;
  if (endpoint === undefined) return;
  const cluster = SavepointCluster.open(fromState(identityOf(endpoint).key, endpoint));
  const context = waitContext(olds, log, signal);
  try {
    const needed = await neededBy(context, cluster, olds);
    if (needed !== undefined) {
      throw notDisposed(
        olds,
        `job ${needed} was started from it and has completed no checkpoint yet, so it may need it again`,
      );
    }
    const began = context.clock.now();
    const result = await disposeOf(context, cluster, path);
    if (result.kind === "failed") throw notDisposed(olds, result.reason);
    const took = formatDuration(context.clock.now() - began);
    log.info(
      result.kind === "missing" ? `savepoint ${path} was gone already` : `disposed of savepoint ${path} in ${took}`,
    );
  } catch (error) {
    if (!(error instanceof PulumiFlinkError) || error.code !== "FLINK_CLUSTER_UNREACHABLE") throw error;
    throw notDisposed(olds, "its cluster does not answer", error);
  } finally {
    await cluster.close();
  }
}

async function neededBy(
  context: WaitContext,
  cluster: SavepointCluster,
  { path }: SavepointOutputs,
): Promise<string | undefined> {
  const needed = await whileUnreachable(context, () => cluster.neededSnapshots());
  return needed.find((each) => mayBeSameSnapshot(each.path, path))?.jobId;
}

function notDisposed({ path, uid }: SavepointOutputs, why: string, cause?: unknown): SavepointNotDisposedError {
  return new SavepointNotDisposedError(
    `Savepoint ${path} was not disposed of: ${why}. Nothing was deleted. Mend that and run again; or delete what is at ` +
      "that path by other means: what is gone is fine; or let it stay there: set disposeOnDelete to false and run " +
      `\`pulumi up\`, or run again with ${abandonSetting([uid])} in the environment.`,
    { cause },
  );
}
