import { z } from "zod";
import type { FlinkEndpoint, FlinkUrlEndpoint, KubernetesService } from "../resources/args";
import type { AskedCluster, DeploymentInputs } from "./inputs";
import { headers, headerSafeText, jarAsset, restUrl } from "./addresses";
import { dependencyAddresses, jarAddress } from "../checks/addresses";
import { keysAt } from "../checks/keys";
import {
  choice,
  duration,
  flag,
  hexadecimal,
  javaClass,
  kubernetesName,
  mainArguments,
  nonce,
  orUnknown,
  scalarMap,
  storagePath,
  text,
  wholeNumber,
} from "../checks/leaves";

/** Flink's own limit of a job's parallelism. */
const MAX_PARALLELISM = 32_768;

/** They all stand in Pulumi's state. */
const MAX_SAVEPOINTS = 1_000;

/** The keys of `T`, each with a schema of its value. */
type Shape<T> = { [K in keyof Required<T>]: z.ZodType<T[K]> };

/** Ties a shape to the type it stands for, so that the two cannot drift apart. */
function shapeOf<T>(shape: Shape<T>): Shape<T> {
  return shape;
}

function objectOf<T>(shape: Shape<T>): z.ZodType<T> {
  return orUnknown(z.strictObject(shape) as unknown as z.ZodType<T>);
}

/** Both kinds of endpoints in one: what `check` is given may have anything, and anything may be unknown. */
type AnyEndpoint = Omit<FlinkUrlEndpoint, "url" | "kubernetes"> & {
  readonly url?: string;
  readonly kubernetes?: KubernetesService;
};

const kubernetesSchema = objectOf<KubernetesService>({
  namespace: kubernetesName(),
  service: kubernetesName(),
  port: wholeNumber(1, 65_535).optional(),
  scheme: choice(["http", "https"]).optional(),
  via: choice(["proxy", "portForward"]).optional(),
  kubeconfig: text().optional(),
  context: text().optional(),
  cluster: text().optional(),
  apiServer: text().optional(),
});

/** `url` and `kubernetes` exclude each other: a rule, because each may be unknown. */
const endpointShape = shapeOf<AnyEndpoint>({
  url: restUrl().optional(),
  kubernetes: kubernetesSchema.optional(),
  bearerToken: headerSafeText().optional(),
  basicAuth: objectOf({
    username: text(),
    password: text(),
  }).optional(),
  headers: headers().optional(),
  tls: objectOf({
    caCertificate: text().optional(),
    clientCertificate: text().optional(),
    clientKey: text().optional(),
    insecureSkipVerify: flag().optional(),
  }).optional(),
  fingerprint: text().optional(),
  incarnation: text().optional(),
  processes: objectOf({
    host: text(),
    directory: text(),
  }).optional(),
});

/** Where a Flink cluster is, and how to get in. */
export const endpointSchema = objectOf(endpointShape) as z.ZodType<FlinkEndpoint>;

/** `jar` and `jarUri` exclude each other: a rule, because each may be unknown. */
const artifactShape = {
  jar: jarAsset().optional(),
  jarUri: jarAddress().optional(),
  entryClass: javaClass().optional(),
  mainArgs: mainArguments().default([]),
  additionalDependencies: dependencyAddresses().default([]),
  httpHeaders: headers().default({}),
  sha256: hexadecimal(64, "a SHA-256").optional(),
};

/** Every key that a FlinkDeployment's inputs may have. */
const deploymentShape = shapeOf<DeploymentInputs>({
  cluster: endpointSchema.optional(),
  state: choice(["RUNNING", "CANCELLED", "SUSPENDED"], { aliases: { CANCELED: "CANCELLED" } }).default("RUNNING"),
  artifact: orUnknown(z.strictObject(artifactShape) as unknown as z.ZodType<DeploymentInputs["artifact"]>),
  parallelism: wholeNumber(1, MAX_PARALLELISM).default(1),
  flinkConfiguration: scalarMap().default({}),
  upgradeStrategy: objectOf<DeploymentInputs["upgradeStrategy"]>({
    kind: choice(["STATEFUL", "STATELESS", "NONE"], { unavailable: ["BLUE_GREEN"] }).default("STATEFUL"),
    fallback: choice(["REFUSE", "LATEST_STATE"]).default("REFUSE"),
  }).default({ kind: "STATEFUL", fallback: "REFUSE" }),
  restoreStrategy: objectOf<DeploymentInputs["restoreStrategy"]>({
    kind: choice(["LATEST_STATE", "LATEST_SAVEPOINT", "NONE"]).default("LATEST_STATE"),
    allowNonRestoredState: flag().default(false),
    claimMode: choice(["NO_CLAIM", "CLAIM"]).default("NO_CLAIM"),
    maxStateAge: duration("positive").optional(),
  }).default({ kind: "LATEST_STATE", allowNonRestoredState: false, claimMode: "NO_CLAIM" }),
  initialSavepointPath: storagePath().optional(),
  savepointRedeployNonce: nonce().optional(),
  restartNonce: nonce().optional(),
  savepointTargetDirectory: storagePath().optional(),
  savepointFormatType: choice(["CANONICAL", "NATIVE"]).default("CANONICAL"),
  maxSavepointCreationAttempts: wholeNumber(1).default(4),
  maxJobCreationAttempts: wholeNumber(1).default(4),
  jobFailureExpirationTime: duration("zeroAllowed").default("0 s"),
  jobSubmissionTimeout: duration("positive").default("300 s"),
  timeouts: objectOf<DeploymentInputs["timeouts"]>({
    savepoint: duration("positive").optional(),
    running: duration("positive").default("5 min"),
    cancel: duration("positive").default("1 min"),
    unreachable: duration("positive").default("1 min"),
  }).default({ running: "5 min", cancel: "1 min", unreachable: "1 min" }),
  healthCheck: objectOf<NonNullable<DeploymentInputs["healthCheck"]>>({
    timeout: duration("positive").default("5 min"),
    completedCheckpoints: wholeNumber(0).default(0),
    maxRestarts: wholeNumber(0).optional(),
  }).default({ timeout: "5 min", completedCheckpoints: 0 }),
  rollback: flag().default(true),
  drain: flag().default(false),
  forceCancellationOf: hexadecimal(32, "the id of a job").optional(),
  onDelete: choice(["SAVEPOINT", "CANCEL"]).default("SAVEPOINT"),
  savepointHistory: objectOf<DeploymentInputs["savepointHistory"]>({
    maxCount: wholeNumber(1, MAX_SAVEPOINTS).default(20),
    maxAge: duration("positive").optional(),
    dispose: flag().default(false),
  }).default({ maxCount: 20, dispose: false }),
  annotations: scalarMap().default({}),
  labels: scalarMap().default({}),
  displayName: text().optional(),
  maxEvents: wholeNumber(1).default(50),
  uid: text().optional(),
  markedSecrets: orUnknown(z.array(orUnknown(z.array(orUnknown(z.string()))))).optional(),
  resourceUrn: text().optional(),
  // Made by this package itself.
  askedClusters: z.custom<readonly AskedCluster[]>().optional(),
  __provider: text().optional(),
});

/** The inputs that the resource class and Pulumi add: not arguments, so not offered as a right spelling. */
const INTERNAL_INPUTS = ["uid", "markedSecrets", "resourceUrn", "askedClusters", "__provider"] as const;

/** Every argument that a user may write. */
export const ARGUMENT_NAMES = (Object.keys(deploymentShape) as (keyof DeploymentInputs)[]).filter(
  (name) => !INTERNAL_INPUTS.some((internal) => internal === name),
);

/** The whole document: unknown keys are issues. */
export const deploymentSchema = z.strictObject(deploymentShape);

/** The names that users may write in the object at this path; none where there is no object with fixed keys. */
export function argumentNames(path: readonly string[]): readonly string[] {
  return path.length > 0 ? keysAt(deploymentSchema, path) : ARGUMENT_NAMES;
}
