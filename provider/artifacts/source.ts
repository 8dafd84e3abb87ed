import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { imageJarPath } from "../values/imageJar";
import { s3Object, type S3Object } from "../values/s3Address";
import { ArtifactError } from "./artifactError";
import type { ArtifactInputs } from "./artifactInputs";

/** Where a file is read from; `fileName` is the name that its place gives it. */
export type ArtifactSource =
  | { readonly kind: "file"; readonly path: string; readonly fileName: string }
  /** In the image of the cluster, where nobody but that cluster can read it. */
  | { readonly kind: "image"; readonly path: string; readonly fileName: string }
  | {
      readonly kind: "http";
      readonly url: URL;
      readonly headers: Readonly<Record<string, string>>;
      /** Whether `artifact.httpHeaders` are for this server. */
      readonly takesHeaders: boolean;
      readonly fileName: string;
    }
  | { readonly kind: "s3"; readonly object: S3Object; readonly fileName: string };

/** Finds the place that checked, known inputs name. A relative path is one of the program's own folder. */
export function sourceOf(artifact: ArtifactInputs): ArtifactSource {
  if (artifact.jarUri !== undefined) return sourceAt(artifact.jarUri, artifact.httpHeaders);
  const { path, uri } = artifact.jar;
  if (path !== undefined && path !== "") return { kind: "file", path: resolve(path), fileName: basename(path) };
  if (uri !== undefined && uri !== "") return sourceAt(uri, artifact.httpHeaders);
  throw new ArtifactError("FLINK_ARTIFACT_NOT_FOUND", "is an asset without a path or an address");
}

/** The place of a file that is packed into the jar. Headers were given for the jar's own server, and go to no other. */
export function dependencySource(address: string, artifact: ArtifactInputs): ArtifactSource {
  const source = sourceAt(address, artifact.httpHeaders);
  if (source.kind !== "http" || source.url.origin === originOf(artifact)) return source;
  return { ...source, headers: {}, takesHeaders: false };
}

function originOf({ jar, jarUri }: ArtifactInputs): string | undefined {
  const address = jarUri ?? jar?.uri;
  return address !== undefined && URL.canParse(address) ? new URL(address).origin : undefined;
}

function sourceAt(address: string, headers: Readonly<Record<string, string>>): ArtifactSource {
  const inImage = imageJarPath(address);
  if (inImage !== undefined) return { kind: "image", path: inImage, fileName: basename(inImage) };
  const object = s3Object(address);
  if (object !== undefined) return { kind: "s3", object, fileName: lastPart(object.key) };
  const url = new URL(address);
  if (url.protocol === "file:") {
    const path = fileURLToPath(url);
    return { kind: "file", path, fileName: basename(path) };
  }
  return { kind: "http", url, headers, takesHeaders: true, fileName: lastPart(url.pathname) };
}

function lastPart(path: string): string {
  return path.split("/").at(-1) ?? "";
}

/** An address for people: its query may hold a signature, so it is left out. */
export function showAddress(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** An object's address. */
export function showObject({ bucket, key }: S3Object): string {
  return `s3://${bucket}/${key}`;
}
