import { PulumiFlinkError } from "../errors";
import { formatDuration } from "../values/duration";

/** Which request failed. Headers are never part of it. */
export interface FailedRequest {
  /** HTTP method. */
  method: string;
  /** The route as Flink's REST API documents it, ids filled in, without the URL's path prefix. */
  route: string;
  /** Host and port of the REST API. */
  host: string;
}

/** The root of all errors of one request to Flink's REST API. */
export abstract class FlinkRequestError extends PulumiFlinkError {
  readonly method: string;
  readonly route: string;
  readonly host: string;

  constructor(request: FailedRequest, message: string, options?: { cause?: unknown }) {
    super(`${message} (${request.method} ${request.route} at ${request.host})`, options);
    this.method = request.method;
    this.route = request.route;
    this.host = request.host;
  }
}

/** The url, headers or TLS material of a connection cannot be used; thrown before anything is sent. */
export class InvalidConnectionError extends PulumiFlinkError {
  readonly code = "FLINK_INVALID_CONNECTION";
}

/**
 * No answer from a JobManager: connection refused or reset, unknown host, timeout, or a proxy or
 * JobManager that answers 502, 503 or 504, or that is just starting the job that it is asked about.
 */
export class ClusterUnreachableError extends FlinkRequestError {
  readonly code = "FLINK_CLUSTER_UNREACHABLE";

  constructor(
    request: FailedRequest,
    what: string,
    /**
     * Whether Flink may have carried the request out although no answer came back. Always false for reads,
     * and for requests whose connection was never established.
     */
    readonly outcomeUnknown: boolean,
    options?: { cause?: unknown },
    /** Whether the same request may well succeed in a moment. */
    readonly transient: boolean = false,
  ) {
    const outcome = outcomeUnknown ? " Whether Flink carried the request out is not known." : "";
    super(
      request,
      `Flink at ${request.host} cannot be reached: ${what}.${outcome} ` +
        `Check that the JobManager runs and that its REST API is at this address`,
      options,
    );
  }
}

/** A submission was not answered in time: its `main()` runs on the JobManager, and may go on. */
export class SubmissionTimeoutError extends FlinkRequestError {
  readonly code = "FLINK_CLUSTER_UNREACHABLE";

  constructor(request: FailedRequest, jobId: string, timeoutMs: number, options: { cause: unknown }) {
    super(
      request,
      `Flink has not answered the submission of job ${jobId} within jobSubmissionTimeout (${formatDuration(timeoutMs)}): ` +
        "the job's main method runs on the JobManager and may still come to its end. Look at what it waits for, or raise " +
        "jobSubmissionTimeout; then run `pulumi up` again, which looks for the job first",
      options,
    );
  }
}

/** The server's certificate is not trusted or is another host's, or the server refused the client's. */
export class ClusterTlsError extends FlinkRequestError {
  readonly code = "FLINK_TLS_UNTRUSTED";
}

/** No request reached Flink, because there is no way in: credentials cannot be had, or do not suffice. */
export abstract class AccessError extends FlinkRequestError {}

/** HTTP 401 or 403. */
export class UnauthorizedError extends AccessError {
  readonly code = "FLINK_UNAUTHORIZED";

  constructor(
    request: FailedRequest,
    readonly status: number,
    reason: string,
    credentialsUsed: string | undefined,
    options?: { cause?: unknown },
  ) {
    super(
      request,
      `Flink at ${request.host} refused the request with ${status}${reason === "" ? "" : ` (${reason})`}. ` +
        `Credentials used: ${credentialsUsed ?? "those of the endpoint"}. Nothing was changed by this request; ` +
        `give the endpoint valid credentials and run again`,
      options,
    );
  }
}

/** Flink does not know the job: it never ran on this cluster, or its record has expired. */
export class JobNotFoundError extends FlinkRequestError {
  readonly code = "FLINK_JOB_NOT_FOUND";

  constructor(
    request: FailedRequest,
    readonly jobId: string,
    options?: { cause?: unknown },
  ) {
    super(request, `Flink at ${request.host} does not know job ${jobId}`, options);
  }
}

/**
 * Flink has seen this job id before. It does not mean that the job is there: ids of ended jobs are
 * remembered longer than the jobs are shown.
 */
export class DuplicateJobError extends FlinkRequestError {
  readonly code = "FLINK_DUPLICATE_JOB";

  constructor(
    request: FailedRequest,
    readonly jobId: string,
    options?: { cause?: unknown },
  ) {
    super(request, `Flink at ${request.host} has had job id ${jobId} before and submitted nothing`, options);
  }
}

/** The cluster has no `/jars` endpoints: `web.submit.enable: false`, or no `flink-runtime-web` on its class path. */
export class SubmissionDisabledError extends FlinkRequestError {
  readonly code = "FLINK_SUBMISSION_DISABLED";

  constructor(request: FailedRequest, options?: { cause?: unknown }) {
    super(
      request,
      `Flink at ${request.host} takes no jars over its REST API. Set web.submit.enable: true on the cluster`,
      options,
    );
  }
}

/** The jar to run is not on the JobManager: it was deleted, or another JobManager process answers now. */
export class JarNotFoundError extends FlinkRequestError {
  readonly code = "FLINK_JAR_NOT_FOUND";

  constructor(
    request: FailedRequest,
    readonly jarId: string,
    options?: { cause?: unknown },
  ) {
    super(
      request,
      `The JobManager at ${request.host} no longer has jar ${jarId}; a restarted JobManager has none. Upload it again`,
      options,
    );
  }
}

/** A savepoint was asked for without a directory, and the cluster has no default. The job goes on. */
export class NoSavepointDirectoryError extends FlinkRequestError {
  readonly code = "FLINK_NO_SAVEPOINT_DIRECTORY";

  constructor(request: FailedRequest, options?: { cause?: unknown }) {
    super(
      request,
      `No savepoint was taken: no target directory was given and Flink at ${request.host} has none. ` +
        `Give savepointTargetDirectory, or set execution.checkpointing.savepoint-dir ` +
        `(before Flink 1.20: state.savepoints.dir) on the cluster`,
      options,
    );
  }
}

/** `main()` of the jar failed, or Flink could not start the job it built (state that cannot be restored, say). */
export class JobSubmissionError extends FlinkRequestError {
  readonly code = "FLINK_JOB_SUBMISSION_FAILED";

  constructor(
    request: FailedRequest,
    readonly jobId: string,
    /** The last cause of Flink's stack trace, its class without package, and its message. */
    readonly rootCause: string,
    options?: { cause?: unknown },
  ) {
    super(request, `Job ${jobId} could not be started: ${rootCause}`, options);
  }
}

/** Any other 3xx, 4xx or 5xx. */
export class RequestRejectedError extends FlinkRequestError {
  readonly code = "FLINK_REQUEST_REJECTED";

  constructor(
    request: FailedRequest,
    readonly status: number,
    /** The last cause of Flink's stack trace, its class without package, and its message. */
    readonly rootCause: string,
    options?: { cause?: unknown },
  ) {
    super(request, `Flink at ${request.host} answered ${status}: ${rootCause}`, options);
  }
}

/** The answer is not what Flink's REST API answers: no JSON, another shape, or too large. Often another server. */
export class BadResponseError extends FlinkRequestError {
  readonly code = "FLINK_BAD_RESPONSE";
}
