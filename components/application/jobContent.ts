import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import type { Artifact, FlinkDeploymentArgs } from "../../provider/resources/args";
import { fingerprintOf } from "../../provider/resources/fingerprint";
import { digestFile } from "../../provider/values/fileDigest";

/** What a job is made of, beside its configuration. */
type JobArgs = Pick<
  FlinkDeploymentArgs,
  "artifact" | "parallelism" | "restartNonce" | "savepointRedeployNonce" | "annotations"
>;

/**
 * Tells one job from the next: a change of it is an upgrade. Of a jar on this machine the content counts, of any other
 * its address.
 */
export function jobFingerprint(args: JobArgs, configuration: pulumi.Input<object>): pulumi.Output<string> {
  const { artifact, parallelism, restartNonce, savepointRedeployNonce, annotations } = args;
  return pulumi
    .output({ artifact, parallelism, restartNonce, savepointRedeployNonce, annotations, configuration } as object)
    .apply(async (known) => {
      const { artifact: jar, ...job } = known as JobArgs & { artifact: Artifact };
      const { entryClass, mainArgs, httpHeaders: _, additionalDependencies, ...source } = jar;
      const content = await contentOf(source);
      return fingerprintOf({ ...job, entryClass, mainArgs, content, ...(await packedInto(additionalDependencies)) });
    });
}

/** An asset as outputs give it: its fields without its class. */
interface AssetFields {
  readonly path?: string;
  readonly uri?: string;
}

async function contentOf({ jar, jarUri, sha256 }: Pick<Artifact, "jar" | "jarUri" | "sha256">): Promise<unknown> {
  const asset = (jar ?? {}) as AssetFields;
  const file = asset.path ?? fileOf(jarUri);
  return file === undefined ? { address: asset.uri ?? jarUri, sha256 } : digestOf(file);
}

/** What is packed into the jar; without it the fingerprint is that of the jar alone. */
async function packedInto(addresses: unknown): Promise<{ packed?: unknown }> {
  if (!Array.isArray(addresses) || addresses.length === 0) return {};
  return { packed: await Promise.all(addresses.map((jarUri: string) => contentOf({ jarUri }))) };
}

function fileOf(jarUri: Artifact["jarUri"]): string | undefined {
  if (typeof jarUri !== "string" || !URL.canParse(jarUri)) return undefined;
  const url = new URL(jarUri);
  return url.protocol === "file:" && url.host === "" ? fileURLToPath(url) : undefined;
}

/** Undefined where it cannot be read: the deployment's own check says so in words. */
async function digestOf(file: string): Promise<string | undefined> {
  try {
    return (await digestFile(file)).sha256;
  } catch {
    return undefined;
  }
}
