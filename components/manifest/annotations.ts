import type { Findings } from "./findings";
import { knownMap, unlessEmpty } from "./known";
import type { DocumentJobArgs } from "./parsed";
import type { DocumentParts } from "./parts";
import { configurationPath } from "./paths";

/* Some annotations are settings of Ververica Platform. All others are free text. */

const FORCE_CANCELLATION = "deployment.sessionmode.force-cancellation";
const SUBMISSION_TIMEOUT = "deployment.sessionmode.job-submission-timeout-seconds";
const QUERYABLE_STATE = "flink.queryable-state.enabled";
const SSL = "flink.security.ssl.enabled";

/** What the annotations come to. */
export interface TranslatedAnnotations extends Pick<
  DocumentJobArgs,
  "annotations" | "forceCancellationOf" | "jobSubmissionTimeout"
> {
  /** Keys of Flink's configuration. */
  readonly flinkConfiguration: Readonly<Record<string, string>>;
}

export function translateAnnotations(
  { metadata, templateMetadata }: DocumentParts,
  findings: Findings,
): TranslatedAnnotations {
  const { [FORCE_CANCELLATION]: forced, [SUBMISSION_TIMEOUT]: seconds, ...own } = knownMap(metadata.annotations);
  const { [QUERYABLE_STATE]: queryable, [SSL]: ssl, ...ofTemplate } = knownMap(templateMetadata.annotations);
  for (const [key, value] of Object.entries(ofTemplate)) {
    if (Object.hasOwn(own, key) && own[key] !== value) {
      findings.warn(annotationPath(key), "has another value in spec.template.metadata.annotations, which is taken");
    }
  }
  // What is switched off is so anyway.
  const off = Object.fromEntries(
    Object.entries({ [QUERYABLE_STATE]: queryable, [SSL]: ssl }).filter(([, value]) => isOff(value)),
  ) as Record<string, string>;
  if (ssl !== undefined && !isOff(ssl)) {
    findings.issue(
      templatePath(SSL),
      "is the platform's own TLS, which is not set up here; use security.ssl.* in flinkConfiguration, with key stores in " +
        "kubernetes.pods.volumeMounts",
    );
  }
  return {
    annotations: unlessEmpty({ ...own, ...ofTemplate, ...off }),
    forceCancellationOf: forced === undefined ? undefined : jobIdOf(forced, findings),
    jobSubmissionTimeout: seconds === undefined ? undefined : timeoutOf(seconds, findings),
    flinkConfiguration: queryable === undefined || isOff(queryable) ? {} : queryableState(findings),
  };
}

function isOff(value: string | undefined): boolean {
  return value?.toLowerCase() === "false";
}

function queryableState(findings: Findings): Record<string, string> {
  const key = "queryable-state.enable";
  findings.warn(templatePath(QUERYABLE_STATE), `becomes ${configurationPath(key)}; Flink 2 has no queryable state`);
  return { [key]: "true" };
}

function jobIdOf(written: string, findings: Findings): string | undefined {
  const id = written.replaceAll("-", "").toLowerCase();
  if (/^[0-9a-f]{32}$/.test(id)) return id;
  findings.issue(
    annotationPath(FORCE_CANCELLATION),
    `must be the id of a job, 32 hexadecimal digits, but is ${JSON.stringify(written)}`,
  );
  return undefined;
}

function timeoutOf(written: string, findings: Findings): string | undefined {
  if (/^[1-9]\d*$/.test(written)) return `${written} s`;
  findings.issue(
    annotationPath(SUBMISSION_TIMEOUT),
    `must be a whole number of seconds, at least 1, but is ${JSON.stringify(written)}`,
  );
  return undefined;
}

function annotationPath(key: string): string {
  return `metadata.annotations[${JSON.stringify(key)}]`;
}

function templatePath(key: string): string {
  return `spec.template.${annotationPath(key)}`;
}
