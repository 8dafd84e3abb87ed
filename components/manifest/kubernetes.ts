import { knownEntriesOf } from "../../provider/values/unknown";
import type { FlinkKubernetesOptions } from "../kubernetes/args";
import { MAIN_CONTAINER } from "../kubernetes/names";
import type { JsonObject } from "../kubernetes/strategicMerge";
import type { Findings } from "./findings";
import { known, knownMap, unlessEmpty } from "./known";
import type { Origins } from "./origins";
import type { DocumentParts } from "./parts";
import { TEMPLATE_PATH } from "./paths";

const PATH = `${TEMPLATE_PATH}.kubernetes`;
const PODS_PATH = `${PATH}.pods`;

type Kubernetes = NonNullable<DocumentParts["template"]["kubernetes"]>;
type Pods = NonNullable<Kubernetes["pods"]>;

/** How a cluster stands in Kubernetes. */
export function translateKubernetes(
  { template }: DocumentParts,
  findings: Findings,
  origins: Origins,
): FlinkKubernetesOptions | undefined {
  const kubernetes = known(template.kubernetes);
  if (kubernetes === undefined) return undefined;
  origins.say("kubernetes", PATH);
  for (const name of ["podTemplate", "envVars", "imagePullSecrets"]) {
    origins.say(`kubernetes.${name}`, name === "podTemplate" ? PODS_PATH : `${PODS_PATH}.${name}`);
  }
  const { labels, pods, jobManagerPodTemplate, taskManagerPodTemplate } = kubernetes;
  if (pods !== undefined && (jobManagerPodTemplate !== undefined || taskManagerPodTemplate !== undefined)) {
    findings.issue(PODS_PATH, "excludes jobManagerPodTemplate and taskManagerPodTemplate: put all into the templates");
  }
  const options = {
    labels: unlessEmpty(knownMap(labels)),
    ...(known(pods) && podOptions(known(pods) ?? {}, findings)),
    jobManagerPodTemplate: known(jobManagerPodTemplate) && templateOf(jobManagerPodTemplate ?? {}),
    taskManagerPodTemplate: known(taskManagerPodTemplate) && templateOf(taskManagerPodTemplate ?? {}),
  };
  return unlessEmpty(options);
}

/** What says that it is a template is no part of it. */
function templateOf({ apiVersion: _, kind: __, ...template }: JsonObject): JsonObject {
  return template;
}

function podOptions(pods: Pods, findings: Findings): object {
  const { annotations, labels, nodeSelector, affinity, tolerations, securityContext } = pods;
  const volumes = volumesOf(pods, findings);
  const metadata = unlessEmpty({
    annotations: unlessEmpty(knownMap(annotations)),
    labels: unlessEmpty(knownMap(labels)),
  });
  const spec = unlessEmpty({ nodeSelector, affinity, tolerations, securityContext, ...volumes });
  const secrets = known(pods.imagePullSecrets)?.map((secret) => known(secret)?.name ?? "");
  return {
    podTemplate: unlessEmpty({ metadata, spec }),
    envVars: known(pods.envVars)?.map((variable) => knownEntriesOf(known(variable) ?? {})),
    imagePullSecrets: secrets,
  };
}

/** Volumes, and their mounts in Flink's container. */
function volumesOf({ volumeMounts }: Pods, findings: Findings): object {
  const mounts = known(volumeMounts)?.flatMap((mount) => known(mount) ?? []) ?? [];
  if (mounts.length === 0) return {};
  const named = (kind: "volume" | "volumeMount"): JsonObject[] =>
    mounts.map((mount, index) => {
      const own = known(mount[kind]) ?? {};
      if (own["name"] !== undefined && own["name"] !== mount.name) {
        findings.issue(
          `${PODS_PATH}.volumeMounts[${index}].${kind}.name`,
          `must be ${JSON.stringify(mount.name)}, as the whole is named, or be left out`,
        );
      }
      return { ...own, name: mount.name };
    });
  return {
    volumes: named("volume"),
    containers: [{ name: MAIN_CONTAINER, volumeMounts: named("volumeMount") }],
  };
}
