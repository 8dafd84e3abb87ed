import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { checkSchema } from "../../provider/checks/checkSchema";
import { hexadecimal, mainArguments, nonce, scalarMap, text, wholeNumber } from "../../provider/checks/leaves";
import type { FlinkDeploymentArgs } from "../../provider/resources/args";
import { fingerprintOf } from "../../provider/resources/fingerprint";
import { digestFile } from "../../provider/values/fileDigest";
import { imageJarDigest, imageJarPath } from "../../provider/values/imageJar";
import { packedName } from "../../provider/values/packedName";

/** What a job is made of, beside its configuration. */
type JobArgs = Pick<
  FlinkDeploymentArgs,
  "artifact" | "parallelism" | "restartNonce" | "savepointRedeployNonce" | "annotations"
>;

const artifactSchema = z.object({
  jar: z.unknown().optional(),
  jarUri: text().optional(),
  entryClass: text().optional(),
  mainArgs: mainArguments().default([]),
  additionalDependencies: z.array(text()).default([]),
  sha256: hexadecimal(64, "a SHA-256").optional(),
});

/** As a FlinkDeployment's own check reads them, which says what is wrong: the same in other words is the same job. */
const jobSchema = z.object({
  artifact: artifactSchema.default(artifactSchema.parse({})),
  parallelism: wholeNumber(1).default(1),
  flinkConfiguration: scalarMap().default({}),
  restartNonce: nonce().optional(),
  savepointRedeployNonce: nonce().optional(),
  annotations: scalarMap().default({}),
});

type Artifact = z.infer<typeof artifactSchema>;

/**
 * Tells one job from the next: a change of it is an upgrade. Of a file on this machine the content counts, and so does
 * the SHA-256 that a jar is given; of any other file its address.
 */
export function jobFingerprint(args: JobArgs, flinkConfiguration: pulumi.Input<object>): pulumi.Output<string> {
  const { artifact, parallelism, restartNonce, savepointRedeployNonce, annotations } = args;
  return pulumi
    .output({
      artifact,
      parallelism,
      restartNonce,
      savepointRedeployNonce,
      annotations,
      flinkConfiguration,
    } as object)
    .apply(async (known) => {
      const { inputs } = checkSchema<z.infer<typeof jobSchema>>(jobSchema, () => [], { ...known });
      const { artifact: jar, ...job } = inputs;
      const { entryClass, mainArgs, additionalDependencies } = jar;
      const content = await jarContent(jar);
      return fingerprintOf({ ...job, entryClass, mainArgs, content, ...(await packedInto(additionalDependencies)) });
    });
}

/** An asset as outputs give it: its fields without its class. */
interface AssetFields {
  readonly path?: string;
  readonly uri?: string;
}

async function jarContent({ jar, jarUri, sha256 }: Artifact): Promise<unknown> {
  if (sha256 !== undefined) return sha256;
  const { path, uri } = (jar ?? {}) as AssetFields;
  return path === undefined ? contentAt(uri ?? jarUri) : digestOf(path);
}

/** What is packed into the jar, each by its name there; without it the fingerprint is that of the jar alone. */
async function packedInto(addresses: readonly string[]): Promise<{ packed?: unknown }> {
  if (addresses.length === 0) return {};
  const packed = addresses.map(async (address) => [nameIn(address), await contentAt(address)]);
  return { packed: await Promise.all(packed) };
}

function nameIn(address: string): string | undefined {
  return URL.canParse(address) ? packedName(address)?.entryName : undefined;
}

/** The digest of what this machine, or the image, has at an address; of all else the address. */
async function contentAt(address: string | undefined): Promise<unknown> {
  if (address === undefined || !URL.canParse(address)) return { address };
  const inImage = imageJarPath(address);
  if (inImage !== undefined) return imageJarDigest(inImage);
  const url = new URL(address);
  return url.protocol === "file:" && url.host === "" ? digestOf(url) : { address };
}

/** Undefined where it cannot be read: the deployment's own check says so in words. */
async function digestOf(file: string | URL): Promise<string | undefined> {
  try {
    return (await digestFile(typeof file === "string" ? file : fileURLToPath(file))).sha256;
  } catch {
    return undefined;
  }
}
