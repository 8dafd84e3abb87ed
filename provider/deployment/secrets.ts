import type { FlinkEndpoint } from "../resources/args";
import { InvalidValueError } from "../values/invalidValueError";
import { redactor } from "../values/redact";
import { shellWords } from "../values/shellWords";
import { isUnknown } from "../values/unknown";
import type { DeploymentInputs } from "./inputs";
import type { DeploymentOutputs } from "./outputs";

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/** What may hold secrets among a deployment's inputs or outputs; in a check they may be anything. */
export type SecretInputs = Partial<Pick<DeploymentInputs, "cluster" | "artifact" | "markedSecrets">>;

/**
 * Takes a deployment's secrets out of what is shown: what the program marked as secret, the endpoint's and the jar's
 * credentials. Flink and the servers of jars may repeat any of it.
 *
 * @param holders - its inputs, and where there are any its old outputs: the job before has secrets too.
 */
export function redactorOf(...holders: readonly (SecretInputs | undefined)[]): Redact {
  return redactor(holders.flatMap((holder) => (holder === undefined ? [] : secretsOf(holder))));
}

function secretsOf({ cluster, artifact, markedSecrets }: SecretInputs): string[] {
  // A query may be a signature.
  const signed = textsIn([artifact?.jarUri, artifact?.additionalDependencies]).filter((address) =>
    address.includes("?"),
  );
  const marked = [...textsIn(markedSecrets), ...signed];
  const { bearerToken, basicAuth, headers, tls, kubernetes } = cluster ?? ({} as Partial<FlinkEndpoint>);
  return [
    ...marked,
    ...marked.flatMap((text) => partsOf(text, artifact)),
    ...textsIn([bearerToken, basicAuth?.password, headers, tls?.clientKey, artifact?.httpHeaders]),
    ...textsIn(kubernetes?.kubeconfig).flatMap(kubeconfigSecrets),
    ...textsIn(headers).concat(textsIn(artifact?.httpHeaders)).flatMap(credentialOf),
  ];
}

/** The fields of the outputs that Flink's own words come into, without secrets. Ids and paths stay as they are. */
export function withoutSecrets<T extends Pick<DeploymentOutputs, "status" | "events">>(outputs: T, redact: Redact): T {
  const { status, events } = outputs;
  const { failure, running } = status;
  return {
    ...outputs,
    status: {
      ...status,
      ...(failure === undefined ? {} : { failure: { ...failure, message: redact(failure.message) } }),
      ...(running === undefined
        ? {}
        : {
            running: {
              ...running,
              conditions: running.conditions.map((each) => ({ ...each, message: redact(each.message) })),
            },
          }),
    },
    events: events.map((event) => ({ ...event, message: redact(event.message) })),
  };
}

function textsIn(value: unknown): string[] {
  if (isUnknown(value)) return [];
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** `Bearer x` and `Basic x` are repeated without their first word as well. */
function credentialOf(header: string): string[] {
  const credential = /^\S+ +(\S+)$/.exec(header)?.[1];
  return credential === undefined ? [] : [credential];
}

/** A kubeconfig as a whole, and what in it opens anything. */
function kubeconfigSecrets(kubeconfig: string): string[] {
  const opens = /["']?\b(?:token|password|client-key-data|id-token|refresh-token)["']?[ \t]*:[ \t]*["']?([^\s"',}]+)/g;
  return [
    kubeconfig,
    ...[...kubeconfig.matchAll(opens)].flatMap(([, secret]) => (secret === undefined ? [] : [secret])),
  ];
}

/** How a secret argument may be repeated in part. */
function partsOf(text: string, artifact: SecretInputs["artifact"]): string[] {
  const option = /^-{1,2}[\w.-]+=(.+)$/s.exec(text)?.[1];
  if (option !== undefined) return [option];
  if (URL.canParse(text)) {
    const { origin, pathname, search } = new URL(text);
    return [...(pathname.length > 1 ? [`${origin}${pathname}`] : []), search];
  }
  // A line of main arguments, which reaches Flink word by word.
  const words = wordsOf(text);
  const { mainArgs } = artifact ?? {};
  return Array.isArray(mainArgs) && words.length > 1 && words.join("\0") === mainArgs.join("\0") ? [...words] : [];
}

function wordsOf(line: string): readonly string[] {
  try {
    return shellWords(line);
  } catch (error) {
    if (error instanceof InvalidValueError) return [];
    throw error;
  }
}
