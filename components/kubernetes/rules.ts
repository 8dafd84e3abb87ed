import { given } from "../../provider/values/unknown";
import { explainOwned, explainValue, isOn } from "./configuration";
import type { Fail, Findings } from "./findings";
import { JOB_KEEPER } from "./names";
import { podRules } from "./podRules";
import type { CheckedArgs } from "./schema";
import { schemeOf } from "./storage";
import { storageRules } from "./storageRules";

/* What must hold between arguments that are each right on their own. A value that is not known yet breaks no rule. */

/** Applies every rule. */
export function applyRules(args: CheckedArgs): Findings {
  const findings: Findings = { failures: [], warnings: [] };
  const fail: Fail = (property, reason) => findings.failures.push({ property, reason });
  imageRules(args, fail);
  resourceRules(args, fail);
  storageRules(args, fail, findings.warnings);
  rolloutRules(args, findings.warnings);
  configurationRules(args, fail);
  if (args.logging.loggingProfile !== undefined && args.logging.log4j2ConfigurationTemplate !== undefined) {
    fail("logging.loggingProfile", "excludes logging.log4j2ConfigurationTemplate: give one of the two");
  }
  podRules(args.kubernetes, fail);
  if (args.ingress !== undefined && args.networkPolicy !== false && !hasPeers(args)) {
    findings.warnings.push(
      "ingress: the NetworkPolicy lets no ingress controller in; name its pods in networkPolicy.from",
    );
  }
  return findings;
}

function hasPeers({ networkPolicy }: CheckedArgs): boolean {
  return networkPolicy !== undefined && networkPolicy !== false && networkPolicy.from.length > 0;
}

function imageRules(args: CheckedArgs, fail: Fail): void {
  if (args.image === undefined) return;
  for (const part of ["flinkImageRegistry", "flinkImageRepository", "flinkImageTag"] as const) {
    if (args[part] !== undefined) fail(part, "excludes image: give the whole image, or its parts");
  }
}

function isHighlyAvailable({ highAvailability, storage }: CheckedArgs): boolean {
  return highAvailability ?? storage !== undefined;
}

function resourceRules(args: CheckedArgs, fail: Fail): void {
  const { resources, storage, highAvailability } = args;
  for (const role of ["jobManager", "taskManager"] as const) {
    const { cpu, cpuLimit } = resources[role];
    if (given(cpu) && given(cpuLimit) && cpuLimit < cpu) {
      fail(`resources.${role}.cpuLimit`, `must be at least resources.${role}.cpu, which is requested`);
    }
  }
  if (highAvailability === true && storage === undefined) {
    fail("highAvailability", "needs storage, where the next JobManager finds the jobs of the one that died");
  }
  replicaRules(args, fail);
}

function replicaRules(args: CheckedArgs, fail: Fail): void {
  const property = "resources.jobManager.replicas";
  const { replicas } = args.resources.jobManager;
  if (!given(replicas) || replicas <= 1) return;
  if (!isHighlyAvailable(args)) {
    fail(
      property,
      "can be more than 1 only with highAvailability: without it each JobManager would be a cluster of its own",
    );
    return;
  }
  // One of the image lies in every JobManager's folder.
  if (given(args.localArtifacts) && args.localArtifacts.length === 0) {
    fail(
      property,
      "can be more than 1 only where all jobs run jars of the image, which every JobManager has: an uploaded jar lies " +
        "with the one that took it, and another may be asked to run it. Name the jars in localArtifacts (in a " +
        'FlinkApplication as artifact.jarUri: "local:///…"), and give no job another one',
    );
  }
}

function rolloutRules(args: CheckedArgs, warnings: string[]): void {
  if (args.rollout !== "IN_PLACE") return;
  // No refusal: it loses nothing while no job runs, and mends a cluster that has lost its jobs already.
  if (!isHighlyAvailable(args)) {
    warnings.push(
      'rollout: under "IN_PLACE" a change of the pods ends all jobs without a savepoint, and what would bring them back, ' +
        "highAvailability, is off: give storage and leave highAvailability out, or suspend the jobs before such a change",
    );
  }
  if (given(args.keepers) && Object.keys(args.keepers).some((keeper) => keeper !== JOB_KEEPER)) {
    warnings.push(
      'keepers: have no effect under rollout: "IN_PLACE", which keeps the cluster whatever changes; nor has a change that ' +
        "was made meanwhile any later",
    );
  }
}

/** Where Flink writes: a path without a scheme would be on the pod's own disk. */
const DIRECTORIES = [
  "execution.checkpointing.dir",
  "state.checkpoints.dir",
  "execution.checkpointing.savepoint-dir",
  "state.savepoints.dir",
];

/** Of whoever asks Flink's REST API. */
const CLIENT_CERTIFICATES = "security.ssl.rest.authentication-enabled";

function configurationRules(args: CheckedArgs, fail: Fail): void {
  const { flinkConfiguration, flinkVersion, storage, localArtifacts } = args;
  if (!given(flinkConfiguration)) return;
  if (given(localArtifacts) && localArtifacts.length > 0 && "web.upload.dir" in flinkConfiguration) {
    fail('flinkConfiguration["web.upload.dir"]', "excludes localArtifacts, which are put into a folder of their own");
  }
  for (const [key, value] of Object.entries(flinkConfiguration)) {
    const property = `flinkConfiguration[${JSON.stringify(key)}]`;
    const owned = explainOwned(key, storage !== undefined);
    if (owned !== undefined) fail(property, `is set by the cluster itself: ${owned}`);
    if (key.trim() !== key || key === "") {
      fail(property, "is not a configuration key: it is empty or has spaces around it");
    }
    if (!given(value)) continue;
    const wrong = given(flinkVersion) ? explainValue(flinkVersion, value) : undefined;
    if (wrong !== undefined) fail(property, wrong);
    if (key === CLIENT_CERTIFICATES && isOn(value)) {
      fail(
        property,
        "cannot be true: this cluster is reached through Kubernetes' API server, which no client certificate can pass. " +
          "Leave it out: RBAC and the NetworkPolicy decide who may reach Flink's REST API",
      );
    }
    if (DIRECTORIES.includes(key) && schemeOf(value).length < 2) {
      fail(property, `must begin with the scheme of its storage, such as "s3://", but is ${JSON.stringify(value)}`);
    }
  }
}
