import { z } from "zod";
import type { Answer } from "../../flink/answer";
import { ClusterUnreachableError, UnauthorizedError, type FlinkRequestError } from "../../flink/errors";
import { plainText } from "../../values/plainText";
import { KubernetesForbiddenError, type Permission } from "./errors";

const statusSchema = z.object({ kind: z.literal("Status"), message: z.string().optional() });
const MAX_WORDS = 1_000;
/** What the API server says when it has not reached the pod. */
const NOT_PASSED_ON = /no endpoints available|no service port|dial tcp|connection refused|no route to host/;

/** What the API server itself says in an answer; undefined where something behind it has answered. */
export function statusMessage({ text }: Pick<Answer, "text">): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const status = statusSchema.safeParse(json);
  return status.success ? plainText(status.data.message ?? "", MAX_WORDS) : undefined;
}

/**
 * The error for an answer of the API server's own: it must never be taken for Flink's, for which a 404 is a missing job.
 *
 * @param permission - what the request needs of a role.
 */
export function refusalOf(
  answer: Answer,
  permission: Permission,
  credentialsUsed: string | undefined,
): FlinkRequestError | undefined {
  const { request, status } = answer;
  const message = statusMessage(answer);
  if (message === undefined) return undefined;
  const words = `Kubernetes answered ${status}${message === "" ? "" : `: ${message}`}`;
  if (status === 401) return new UnauthorizedError(request, status, `Kubernetes: ${message}`, credentialsUsed);
  if (status === 403) {
    return new KubernetesForbiddenError(request, permission, message, credentialsUsed ?? "the kubeconfig's user");
  }
  const mutation = request.method !== "GET";
  // The API server refuses before it passes anything on, but for what a pod behind it does.
  const outcomeUnknown = mutation && status >= 500 && !NOT_PASSED_ON.test(message);
  const transient = status === 429 || status >= 500;
  return new ClusterUnreachableError(request, words, outcomeUnknown, undefined, transient);
}
