/** Error bodies as Flink's REST server writes them: a Java stack trace inside a JSON string. */

/** One Java exception of a chain, outermost first. */
export interface JavaException {
  className: string;
  message: string;
}

/** What a handler throws to answer with an error. */
export class HttpFailure extends Error {
  constructor(
    readonly status: number,
    readonly errors: readonly string[],
  ) {
    const { stackTraceLimit } = Error;
    // Where it was made nobody asks, and it costs more than the rest of an answer.
    Error.stackTraceLimit = 0;
    super(errors.join("\n"));
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const FRAME = "\n\tat org.apache.flink.runtime.rest.handler.AbstractHandler.respondAsLeader(AbstractHandler.java:196)";

/** A stack trace with its causes, with the frames that a client must not show to its user. */
export function stackTrace(chain: readonly JavaException[]): string {
  const parts = chain.map((each) => `${each.className}: ${each.message}${FRAME}`);
  return `${parts.join("\nCaused by: ")}\n`;
}

const REST_HANDLER = "org.apache.flink.runtime.rest.handler.RestHandlerException";

/** An error that a handler of Flink chose: `{"errors": ["RestHandlerException: …"]}`. */
export function handlerError(status: number, message: string, causes: readonly JavaException[] = []): HttpFailure {
  return new HttpFailure(status, [stackTrace([{ className: REST_HANDLER, message }, ...causes])]);
}

/** An error that no handler of Flink expected: 500 with two entries. */
export function internalError(chain: readonly JavaException[]): HttpFailure {
  return new HttpFailure(500, [
    "Internal server error.",
    `<Exception on server side:\n${stackTrace(chain)}\nEnd of exception on server side>`,
  ]);
}

export function jobNotFoundException(jobId: string): JavaException {
  return {
    className: "org.apache.flink.runtime.messages.FlinkJobNotFoundException",
    message: `Could not find Flink job (${jobId})`,
  };
}

/** Of what only a job's own master can tell. */
export function jobInitializingException(): JavaException {
  return {
    className: "org.apache.flink.runtime.dispatcher.UnavailableDispatcherOperationException",
    message:
      "Unable to get JobMasterGateway for initializing job. The requested operation is not available while the JobManager is initializing.",
  };
}

/** Of a job whose scheduler is not the adaptive one. */
export function withoutRequirementsException(): JavaException {
  return {
    className: "java.lang.UnsupportedOperationException",
    message: "The DefaultScheduler does not support changing the parallelism without a job restart.",
  };
}

export function jobNotFound(jobId: string): HttpFailure {
  const notFound = { className: "org.apache.flink.runtime.rest.NotFoundException", message: `Job ${jobId} not found` };
  return new HttpFailure(404, [stackTrace([notFound, jobNotFoundException(jobId)])]);
}

export function pathParameterError(parameter: string, value: string, kind: "path" | "query" = "path"): HttpFailure {
  const message = `Cannot resolve ${kind} parameter (${parameter}) from value "${value}".`;
  return handlerError(400, `Bad request, could not parse parameters: ${message}`, [
    { className: "org.apache.flink.runtime.rest.handler.HandlerRequestException", message },
  ]);
}

export function bodyError(bodyName: string, cause: string): HttpFailure {
  return handlerError(400, `Request did not match expected format ${bodyName}.`, [
    {
      className: "org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonMappingException",
      message: cause,
    },
  ]);
}

/** What `run` answers when the user's main method threw, whatever the reason was. */
export function mainMethodError(message: string, causes: readonly JavaException[]): HttpFailure {
  const outer = "Could not execute application.";
  const runtime = "org.apache.flink.util.FlinkRuntimeException";
  return handlerError(400, outer, [
    { className: "java.util.concurrent.CompletionException", message: `${runtime}: ${outer}` },
    { className: runtime, message: outer },
    {
      className: "org.apache.flink.client.program.ProgramInvocationException",
      message: `The main method caused an error: ${message}`,
    },
    ...causes,
  ]);
}

/** A failure inside a submission: main was fine, `execute` was not. */
export function submissionError(jobName: string, causes: readonly JavaException[]): HttpFailure {
  const message = `Failed to execute job '${jobName}'.`;
  return mainMethodError(message, [{ className: "org.apache.flink.util.FlinkException", message }, ...causes]);
}

/** The chain of a JobMaster that could not start, as `run` and `/exceptions` show it. */
export function initializationFailure(cause: JavaException): JavaException[] {
  const inner = `${cause.className}: ${cause.message}`;
  return [
    {
      className: "org.apache.flink.runtime.client.JobInitializationException",
      message: "Could not start the JobMaster.",
    },
    {
      className: "java.util.concurrent.CompletionException",
      message: `java.lang.RuntimeException: ${inner}`,
    },
    { className: "java.lang.RuntimeException", message: inner },
    cause,
  ];
}

export function snapshotMissing(path: string): JavaException {
  const scheme = /^([a-z0-9+.-]+):/i.exec(path)?.[1] ?? "file";
  return {
    className: "java.io.FileNotFoundException",
    message: `Cannot find checkpoint or savepoint file/directory '${path}' on file system '${scheme}'.`,
  };
}

export function parallelismTooHigh(maxParallelism: number, parallelism: number): JavaException {
  return {
    className: "java.lang.IllegalStateException",
    message:
      `The state for task Source: Custom Source (1/1) can not be restored. The maximum parallelism (${maxParallelism}) of ` +
      `the restored state is lower than the configured parallelism (${parallelism}).`,
  };
}

export function maxParallelismMismatch(path: string): JavaException {
  return {
    className: "java.lang.IllegalStateException",
    message:
      `Failed to rollback to checkpoint/savepoint ${path}. Max parallelism mismatch between checkpoint/savepoint state ` +
      "and new program.",
  };
}

/** The `operation` of asynchronous work that failed. Savepoints come wrapped, disposals as they are. */
export function operationFailure(chain: readonly JavaException[], wrapped = true): OperationFailure {
  const first = chain[0];
  const message = first === undefined ? "" : `${first.className}: ${first.message}`;
  const wrapper = { className: "java.util.concurrent.CompletionException", message };
  const outer = wrapped || first === undefined ? wrapper : first;
  return {
    "failure-cause": {
      class: outer.className,
      "stack-trace": stackTrace(wrapped ? [wrapper, ...chain] : chain),
      "serialized-throwable": Buffer.from(message).toString("base64"),
    },
  };
}

export interface OperationFailure {
  "failure-cause": { class: string; "stack-trace": string; "serialized-throwable": string };
}
