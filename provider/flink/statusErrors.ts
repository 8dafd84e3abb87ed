import type { Answer } from "./answer";
import { ClusterUnreachableError, RequestRejectedError, UnauthorizedError, type FlinkRequestError } from "./errors";
import { failureOf } from "./failures";

/** Flink sends 503 alone of them: all else says that a proxy has had no answer from it, and some proxies have words of their own. */
const NO_ANSWER: ReadonlySet<number> = new Set([
  408, 499, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 598, 599,
]);

/** The errors that a status alone decides, whoever sent it: Flink, or a proxy before it. */
export function statusError(
  answer: Answer,
  location: string | string[] | undefined,
  credentialsUsed: string | undefined,
): FlinkRequestError | undefined {
  const { request, status } = answer;
  if (status < 400) {
    return new RequestRejectedError(
      request,
      status,
      `a redirect to ${placeOf(location, request.host)}, which was not followed: credentials go to no other address. ` +
        `If that is where Flink is, make it the endpoint's url`,
    );
  }
  const failure = failureOf(answer);
  if (status === 401 || status === 403) {
    return new UnauthorizedError(request, status, failure.reason, credentialsUsed, failure.cause);
  }
  const noSuchService = status === 404 && failure.fromKubernetes;
  // Flink's cache of a job's execution graph cancels a view that it is just replacing; and a job that comes back after its
  // JobManager, or is just submitted, has none yet.
  const passing = /^(?:CancellationException|UnavailableDispatcherOperationException)\b/;
  const noViewNow = status === 500 && request.method === "GET" && passing.test(failure.reason);
  const changes = request.method !== "GET";
  // A proxy that has given up waiting says nothing of what Flink still does: a main method may be at work.
  const isProxys = changes && status >= 500 && !failure.fromFlink;
  if (NO_ANSWER.has(status) || isProxys || noSuchService || noViewNow) {
    const { reason, cause } = failure;
    const words = `it answered ${status}${reason === "" ? "" : `, ${reason.replace(/\.$/, "")}`}`;
    // A proxy may lose its connection to Flink after it has passed the request on.
    return new ClusterUnreachableError(request, words, changes && !noSuchService, cause, !noSuchService);
  }
  return undefined;
}

/** Only the origin: a redirect to a login page carries tokens in its path and query. */
function placeOf(location: string | string[] | undefined, host: string): string {
  const first = Array.isArray(location) ? location[0] : location;
  const base = `http://${host}`;
  if (first === undefined || !URL.canParse(first, base)) return "an unknown place";
  const url = new URL(first, base);
  return url.host === host ? "another path of the same host" : url.origin;
}
