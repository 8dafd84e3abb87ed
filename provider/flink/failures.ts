import { z } from "zod";
import {
  BadResponseError,
  DuplicateJobError,
  JarNotFoundError,
  JobNotFoundError,
  JobSubmissionError,
  NoSavepointDirectoryError,
  RequestRejectedError,
  SubmissionDisabledError,
  type FlinkRequestError,
} from "./errors";
import { plainText } from "../values/plainText";
import type { Answer } from "./answer";
import { parseBoundedJson, type BoundedJson } from "./boundedJson";
import { rootCauseOf } from "./javaErrors";

const flinkErrors = z.object({ errors: z.array(z.string()) });
const kubernetesStatus = z.object({ kind: z.literal("Status"), message: z.string() });
const MAX_REASON_LENGTH = 2_000;
/** Some two hundred lines of a stack trace. */
const MAX_TRACE_LENGTH = 16_000;

/** A failure in words: the root cause for a message, and all of it for `cause`. Most callers look at the text alone. */
export interface Failure {
  /** The whole text, stack trace and all. */
  readonly text: string;
  /** Flink itself answered, and no proxy before it. */
  readonly fromFlink: boolean;
  /** A Kubernetes API server answered instead of Flink. */
  readonly fromKubernetes: boolean;
  readonly reason: string;
  /** For an error's options. */
  readonly cause: { cause: Error } | undefined;
}

const read = new WeakMap<Answer, Failure>();

/** Reads a failing answer of Flink, of a Kubernetes API server, or of a proxy: once, however often it is asked for. */
export function failureOf(answer: Answer): Failure {
  const failure = read.get(answer) ?? readFailure(answer);
  read.set(answer, failure);
  return failure;
}

function readFailure(answer: Answer): Failure {
  const json = valueOf(parseBoundedJson(answer.text));
  const errors = flinkErrors.safeParse(json);
  const status = errors.success ? undefined : kubernetesStatus.safeParse(json);
  const fromKubernetes = status?.success === true;
  // Once more: JSON may spell a secret in many ways.
  const text = answer.redact(
    errors.success ? errors.data.errors.join("\n") : fromKubernetes ? status.data.message : answer.text,
  );
  return {
    text,
    fromFlink: errors.success,
    fromKubernetes,
    get reason() {
      const reason = errors.success ? rootCauseOf(text) : fromKubernetes ? text : pageTitle(text);
      return plainText(reason, MAX_REASON_LENGTH);
    },
    get cause() {
      return text === "" ? undefined : { cause: serverError(text) };
    },
  };
}

/** Carries the server's text, without a stack trace of this process that would drown it. */
export function serverError(text: string): Error {
  const error = new Error(plainText(text, MAX_TRACE_LENGTH));
  error.stack = error.message;
  return error;
}

/** What Flink's router says of a route that this version or configuration does not have. */
export function isMissingRoute(answer: Answer): boolean {
  return answer.status === 404 && /^(?:Unable to load requested file |Not found: \/)/.test(failureOf(answer).text);
}

/** Of an unknown job, Flink answers 404 on most routes, and 500 on `/jobs/:id/status`. */
export function isMissingJob(answer: Answer): boolean {
  if (answer.status !== 404 && answer.status !== 500) return false;
  return /FlinkJobNotFoundException|NotFoundException: Job \S+ not found|Job could not be found/.test(
    failureOf(answer).text,
  );
}

/** What Flink says of a jar to delete that is not there. */
export function isMissingFile(answer: Answer): boolean {
  const { text } = failureOf(answer);
  return text.includes("File ") && text.includes(" does not exist in ");
}

export function isCheckpointingOff(answer: Answer): boolean {
  return answer.status === 404 && /Checkpointing (?:has|is|was) not (?:been )?enabled/.test(failureOf(answer).text);
}

/** The error for a failing answer that no caller has a special answer to. */
export function rejected(answer: Answer, jobId?: string): FlinkRequestError {
  const { request, status } = answer;
  const { reason, text, cause } = failureOf(answer);
  if (jobId !== undefined && isMissingJob(answer)) return new JobNotFoundError(request, jobId, cause);
  if (request.route.startsWith("/jars") && isMissingRoute(answer)) return new SubmissionDisabledError(request, cause);
  if (status === 400 && /is not set\. Property \[target-?directory\] must be provided/i.test(text)) {
    return new NoSavepointDirectoryError(request, cause);
  }
  return new RequestRejectedError(request, status, reason === "" ? "no reason was given" : reason, cause);
}

/** The error for a run of a jar that came to nothing. */
export function rejectedRun(answer: Answer, jarId: string, jobId: string): FlinkRequestError {
  const { request } = answer;
  const { reason, text, cause } = failureOf(answer);
  // Flink 2.3 makes the job an application of the same id.
  if (/Duplicate(?:Job|Application)SubmissionException/.test(text)) return new DuplicateJobError(request, jobId, cause);
  // Without a pattern that joins the two: on a hostile text it would take hours.
  if (text.includes("Jar file ") && text.includes(" does not exist"))
    return new JarNotFoundError(request, jarId, cause);
  if (/ProgramInvocationException|Could not execute application|JobInitializationException/.test(text)) {
    return new JobSubmissionError(request, jobId, reason, cause);
  }
  return rejected(answer);
}

/**
 * Reads a good answer.
 *
 * @throws {BadResponseError} when it is no JSON, or not of the expected shape.
 */
export function parseAnswer<T>(answer: Answer, schema: z.ZodType<T>): T {
  const { request } = answer;
  const json = parseBoundedJson(answer.text);
  if (json.kind === "excessive") {
    throw new BadResponseError(
      request,
      `The answer of ${request.host} is ${json.what}, which Flink's never are, and was not read. Is another server at this address?`,
    );
  }
  if (json.kind === "noJson") {
    const kind = /^\s*</.test(answer.text) ? "a web page" : answer.text.trim() === "" ? "nothing" : "no JSON";
    throw new BadResponseError(
      request,
      `${request.host} answered ${kind} where Flink's REST API answers JSON. Is another server, or a login page, at this address?`,
    );
  }
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join(".") || "answer"}: ${issue.message}`);
  throw new BadResponseError(
    request,
    `The answer of ${request.host} has not the shape that Flink 1.17 to 2.3 gives it ` +
      `(${plainText(answer.redact(issues.join("; ")), MAX_REASON_LENGTH)})`,
  );
}

function valueOf(json: BoundedJson): unknown {
  return json.kind === "value" ? json.value : undefined;
}

/** A proxy's error page, in one line. */
function pageTitle(text: string): string {
  const title = /<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? /<h1>([^<]*)<\/h1>/i.exec(text)?.[1];
  const line = title ?? (/^\s*</.test(text) ? "a web page" : text);
  return line.replace(/\s+/g, " ").trim().slice(0, 200);
}
