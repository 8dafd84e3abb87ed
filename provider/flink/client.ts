import type { z } from "zod";
import type { Answer } from "./answer";
import type { FlinkConnection } from "./connection";
import { BadResponseError, ClusterUnreachableError, SubmissionTimeoutError } from "./errors";
import {
  failureOf,
  isCheckpointingOff,
  isMissingFile,
  isMissingJob,
  isMissingRoute,
  parseAnswer,
  rejected,
  rejectedRun,
  serverError,
} from "./failures";
import { completedSavepointOf, isMissingSnapshot, rootCauseOf } from "./javaErrors";
import type {
  CancelOutcome,
  CheckpointConfig,
  ClusterOverview,
  DisposalOperation,
  FlinkJobStatus,
  JobCheckpoints,
  JobConfiguration,
  JobDetails,
  JobExceptions,
  JobSummary,
  RunJarRequest,
  SavepointOperation,
  SavepointRequest,
  StopRequest,
  UploadedJar,
} from "./model";
import { isTimeout } from "./networkErrors";
import { jarSegment, route } from "./routes";
import * as schemas from "./schemas";
import { Transport, type Method } from "./transport";
import { uploadJarFile, type UploadProgress } from "./upload";

export interface FlinkClientOptions {
  /** From a request to the last byte of its answer; for uploads, the time without progress. Milliseconds. Default: 30 000. */
  requestTimeoutMs?: number;
  /** Awaited right before every request that is not a GET. Its rejection is passed on and nothing is sent. */
  beforeMutation?: () => Promise<void>;
  /** Once aborted, no answer is waited for any more: its reason is thrown. */
  giveUp?: AbortSignal;
  /** Words for a 401 or 403: which credentials were used. */
  credentialsUsed?: string;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Flink's REST API, 1.17 to 2.3.
 *
 * Every method may throw `ClusterUnreachableError`, `ClusterTlsError`, `UnauthorizedError`,
 * `RequestRejectedError` and `BadResponseError`; methods with a job id that read the job, also
 * `JobNotFoundError`; methods about jars, also `SubmissionDisabledError`. Only reads are ever repeated.
 */
export class FlinkClient {
  private readonly transport: Transport;
  private flinkVersion: string | undefined;

  /** @throws {InvalidConnectionError} when the connection cannot be used. */
  constructor(connection: FlinkConnection, options: FlinkClientOptions = {}) {
    this.transport = new Transport(connection, {
      ...options,
      requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    });
  }

  /** `GET /overview`. */
  async overview(): Promise<ClusterOverview> {
    const overview = await this.read("/overview", schemas.overviewSchema);
    this.flinkVersion = overview.flinkVersion;
    return overview;
  }

  /** The JobManager's configuration, secrets masked by Flink. `GET /jobmanager/config`. */
  async clusterConfiguration(): Promise<Record<string, string>> {
    return await this.read("/jobmanager/config", schemas.clusterConfigurationSchema);
  }

  /** The host of each TaskManager, as it was registered. `GET /taskmanagers`. */
  async taskManagerHosts(): Promise<string[]> {
    return await this.read("/taskmanagers", schemas.taskManagersSchema);
  }

  /** All jobs that Flink shows, ended ones included, as they are now: not cached. `GET /jobs/overview`. */
  async jobs(): Promise<JobSummary[]> {
    return await this.read("/jobs/overview", schemas.jobsSchema);
  }

  /** The status now, not cached. `GET /jobs/:id/status`, on versions without it `GET /jobs/:id`. */
  async jobStatus(jobId: string): Promise<FlinkJobStatus> {
    const answer = await this.transport.get(route`/jobs/${jobId}/status`);
    if (answer.ok) return parseAnswer(answer, schemas.jobStatusSchema);
    if (isMissingRoute(answer)) return (await this.job(jobId)).status;
    throw rejected(answer, jobId);
  }

  /**
   * Whether the JobManager is in charge of the job. Of one that has ended it is until the end is in the job result store,
   * where high availability has one: a JobManager that comes after it starts the job again until then.
   * `GET /jobs/:id/resource-requirements`, which only the job's own master answers; false on 1.17, which has no such route.
   */
  async isInCharge(jobId: string): Promise<boolean> {
    const answer = await this.transport.get(route`/jobs/${jobId}/resource-requirements`);
    if (answer.ok) return true;
    if (isMissingJob(answer) || isMissingRoute(answer)) return false;
    // The jobs of most schedulers have no requirements: it is their master that says so.
    if (answer.status === 500) return true;
    throw rejected(answer, jobId);
  }

  /** `GET /jobs/:id`. Flink caches it for `web.refresh-interval`, 3 s by default. */
  async job(jobId: string): Promise<JobDetails> {
    return await this.read(route`/jobs/${jobId}`, schemas.jobDetailsSchema, jobId);
  }

  /** `GET /jobs/:id/config`. */
  async jobConfiguration(jobId: string): Promise<JobConfiguration> {
    return await this.read(route`/jobs/${jobId}/config`, schemas.jobConfigurationSchema, jobId);
  }

  /**
   * `GET /jobs/:id/checkpoints`; undefined when the job cannot take any (a batch job). A streaming job without a
   * checkpoint interval has them with all counts 0: see {@link checkpointConfig}.
   */
  async checkpoints(jobId: string): Promise<JobCheckpoints | undefined> {
    return await this.readUnlessCheckpointingOff(route`/jobs/${jobId}/checkpoints`, schemas.checkpointsSchema, jobId);
  }

  /** `GET /jobs/:id/checkpoints/config`; undefined as for {@link checkpoints}. */
  async checkpointConfig(jobId: string): Promise<CheckpointConfig | undefined> {
    return await this.readUnlessCheckpointingOff(
      route`/jobs/${jobId}/checkpoints/config`,
      schemas.checkpointConfigSchema,
      jobId,
    );
  }

  /** `GET /jobs/:id/exceptions`. */
  async exceptions(jobId: string): Promise<JobExceptions> {
    const { redact } = this.transport;
    const { rootCause, history } = await this.read(route`/jobs/${jobId}/exceptions`, schemas.exceptionsSchema, jobId);
    return {
      ...(rootCause === undefined ? {} : { rootCause: redact(rootCause) }),
      history: history.map((entry) => ({ ...entry, message: redact(entry.message) })),
    };
  }

  /** The metric `numRestarts`; undefined when there is none, which is also Flink's answer for an unknown job. */
  async numRestarts(jobId: string): Promise<number | undefined> {
    const metrics = await this.read(route`/jobs/${jobId}/metrics?get=numRestarts`, schemas.metricsSchema, jobId);
    const value = metrics.find((metric) => metric.id === "numRestarts")?.value;
    const number = value === undefined || value === null || value === "" ? NaN : Number(value);
    return Number.isFinite(number) ? number : undefined;
  }

  /** `GET /jars`. */
  async jars(): Promise<UploadedJar[]> {
    return await this.read("/jars", schemas.jarsSchema);
  }

  /**
   * Uploads a file in constant memory, for as long as bytes flow. `POST /jars/upload`.
   *
   * @param file - its path.
   * @param name - the jar's name on Flink, ending in `.jar`; what is no ASCII letter, digit or `._+-` becomes `_`.
   * @param onProgress - how much of the file the connection has taken.
   * @param signal - gives up; its reason is thrown.
   * @returns the jar's id.
   */
  async uploadJar(file: string, name: string, onProgress?: UploadProgress, signal?: AbortSignal): Promise<string> {
    const answer = await uploadJarFile(this.transport, file, name, onProgress, signal);
    if (!answer.ok) throw rejected(answer);
    return parseAnswer(answer, schemas.uploadSchema);
  }

  /** `DELETE /jars/:id`. That it is already gone is fine. */
  async deleteJar(jarId: string): Promise<void> {
    const answer = await this.transport.mutate("DELETE", route`/jars/${jarSegment(jarId)}`);
    if (answer.ok || isMissingFile(answer)) return;
    throw rejected(answer);
  }

  /**
   * Runs the jar's `main()` on the JobManager and submits the job it builds. `POST /jars/:id/run`.
   *
   * When the job's state cannot be restored, Flink has a FAILED job of this id afterwards: the id is used up.
   *
   * @param timeoutMs - for `main()` and the submission together. Milliseconds.
   * @returns the job's id.
   * @throws {DuplicateJobError} when Flink has had the job id before.
   * @throws {JarNotFoundError} when the jar is not there.
   * @throws {JobSubmissionError} when `main()` or the start of the job fails.
   * @throws {SubmissionTimeoutError} when neither is done in time.
   */
  async runJar(jarId: string, run: RunJarRequest, timeoutMs: number): Promise<string> {
    const body = {
      jobId: run.jobId,
      entryClass: run.entryClass,
      programArgsList: run.programArgs,
      parallelism: run.parallelism,
      savepointPath: run.savepointPath,
      allowNonRestoredState: run.allowNonRestoredState,
      flinkConfiguration: run.flinkConfiguration,
      ...(run.claimMode === undefined ? {} : { [await this.claimModeKey()]: run.claimMode }),
    };
    const path = route`/jars/${jarSegment(jarId)}/run`;
    const answer = await this.send("POST", path, body, timeoutMs).catch((error: unknown) => {
      const isOver = error instanceof ClusterUnreachableError && isTimeout(error.cause);
      throw isOver ? new SubmissionTimeoutError(error, run.jobId, timeoutMs, { cause: error.cause }) : error;
    });
    if (answer.ok) return parseAnswer(answer, schemas.runSchema);
    throw rejectedRun(answer, jarId, run.jobId);
  }

  /**
   * Starts a stop with a savepoint; {@link savepointOperation} tells how it goes. `POST /jobs/:id/stop`.
   *
   * Flink accepts it for a job it does not know, too: then the operation fails.
   *
   * @throws {NoSavepointDirectoryError}
   */
  async stopWithSavepoint(jobId: string, stop: StopRequest): Promise<void> {
    const { triggerId, targetDirectory, formatType, drain } = stop;
    await this.trigger(route`/jobs/${jobId}/stop`, { triggerId, targetDirectory, formatType, drain }, jobId);
  }

  /**
   * Starts a savepoint of a job that goes on. `POST /jobs/:id/savepoints`.
   *
   * @throws {NoSavepointDirectoryError}
   */
  async triggerSavepoint(jobId: string, savepoint: SavepointRequest): Promise<void> {
    const { triggerId, targetDirectory, formatType } = savepoint;
    const body = { triggerId, "target-directory": targetDirectory, formatType, "cancel-job": false };
    await this.trigger(route`/jobs/${jobId}/savepoints`, body, jobId);
  }

  /** How a stop or savepoint goes. `GET /jobs/:id/savepoints/:triggerId`. */
  async savepointOperation(jobId: string, triggerId: string): Promise<SavepointOperation> {
    const answer = await this.transport.get(route`/jobs/${jobId}/savepoints/${triggerId}`);
    if (!answer.ok) {
      const forgotten = answer.status === 404 && failureOf(answer).text.includes("There is no savepoint operation");
      if (forgotten || isMissingJob(answer)) return { kind: "unknown" };
      throw rejected(answer);
    }
    const { status, operation } = parseAnswer(answer, schemas.savepointOperationSchema);
    if (status.id === "IN_PROGRESS") return { kind: "inProgress" };
    const failure = operation?.["failure-cause"]?.["stack-trace"];
    if (failure !== undefined) {
      const savepointPath = completedSavepointOf(failure);
      const stackTrace = answer.redact(failure);
      return {
        kind: "failed",
        reason: rootCauseOf(stackTrace),
        ...(savepointPath === undefined ? {} : { savepointPath }),
        cause: serverError(stackTrace),
      };
    }
    const path = operation?.location ?? "";
    if (path !== "") return { kind: "completed", path };
    throw new BadResponseError(
      answer.request,
      "The savepoint is complete, but Flink gave neither its path nor a failure",
    );
  }

  /**
   * Starts deleting a savepoint from its storage; {@link disposalOperation} tells how it goes.
   * `POST /savepoint-disposal`.
   *
   * @returns the operation's id, which Flink chooses: asked twice, it deletes twice, and finds nothing the second time.
   */
  async disposeSavepoint(path: string): Promise<string> {
    const answer = await this.send("POST", "/savepoint-disposal", { "savepoint-path": path });
    if (!answer.ok) throw rejected(answer);
    return parseAnswer(answer, schemas.triggerSchema);
  }

  /** How a disposal goes. `GET /savepoint-disposal/:triggerId`. */
  async disposalOperation(triggerId: string): Promise<DisposalOperation> {
    const answer = await this.transport.get(route`/savepoint-disposal/${triggerId}`);
    if (!answer.ok) {
      const forgotten = answer.status === 404 && failureOf(answer).text.includes("Operation not found under key");
      if (forgotten) return { kind: "unknown" };
      throw rejected(answer);
    }
    const { status, operation } = parseAnswer(answer, schemas.disposalOperationSchema);
    if (status.id === "IN_PROGRESS") return { kind: "inProgress" };
    const failure = operation?.["failure-cause"]?.["stack-trace"];
    if (failure === undefined) return { kind: "completed" };
    return isMissingSnapshot(failure)
      ? { kind: "missing" }
      : { kind: "failed", reason: rootCauseOf(answer.redact(failure)) };
  }

  /** `PATCH /jobs/:id`. */
  async cancel(jobId: string): Promise<CancelOutcome> {
    const answer = await this.send("PATCH", `${route`/jobs/${jobId}`}?mode=cancel`, undefined);
    if (answer.ok) return "accepted";
    if (answer.status === 409) return "alreadyEnded";
    if (isMissingJob(answer)) return "unknown";
    throw rejected(answer);
  }

  /** Ends the cluster, and has it remove what its high availability keeps. `DELETE /cluster`. */
  async shutDown(): Promise<void> {
    const answer = await this.send("DELETE", "/cluster", undefined);
    if (!answer.ok) throw rejected(answer);
  }

  /** Gives back the connections. Requests still under way are cut: whoever made them waits no more. */
  close(): Promise<void> {
    return this.transport.close();
  }

  private async read<T>(path: string, schema: z.ZodType<T>, jobId?: string): Promise<T> {
    const answer = await this.transport.get(path);
    if (!answer.ok) throw rejected(answer, jobId);
    return parseAnswer(answer, schema);
  }

  private async readUnlessCheckpointingOff<T>(
    path: string,
    schema: z.ZodType<T>,
    jobId: string,
  ): Promise<T | undefined> {
    const answer = await this.transport.get(path);
    if (answer.ok) return parseAnswer(answer, schema);
    if (isCheckpointingOff(answer)) return undefined;
    throw rejected(answer, jobId);
  }

  private async trigger(path: string, body: object, jobId: string): Promise<void> {
    const answer = await this.send("POST", path, body);
    if (!answer.ok) throw rejected(answer, jobId);
  }

  private send(
    method: Exclude<Method, "GET">,
    path: string,
    body: object | undefined,
    timeoutMs?: number,
  ): Promise<Answer> {
    const json =
      body === undefined
        ? undefined
        : { contentType: "application/json; charset=UTF-8", content: JSON.stringify(body) };
    return this.transport.mutate(method, path, json, timeoutMs);
  }

  /** `restoreMode` became `claimMode` in 1.20; an unknown key is ignored, and with it the caller's choice. */
  private async claimModeKey(): Promise<"claimMode" | "restoreMode"> {
    const version = this.flinkVersion ?? (await this.overview()).flinkVersion;
    const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
    const old = Number(major) === 1 && Number(minor) < 20;
    return old ? "restoreMode" : "claimMode";
  }
}
