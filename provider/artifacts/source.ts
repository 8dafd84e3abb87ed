import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { imageJarPath } from "../values/imageJar";
import { ArtifactError } from "./artifactError";
import type { ArtifactInputs } from "./artifactInputs";

/** Where the jar is read from. */
export type ArtifactSource =
  | { readonly kind: "file"; readonly path: string; readonly fileName: string }
  /** In the image of the cluster, where nobody but that cluster can read it. */
  | { readonly kind: "image"; readonly path: string; readonly fileName: string }
  | {
      readonly kind: "http";
      readonly url: URL;
      readonly headers: Readonly<Record<string, string>>;
      readonly fileName: string;
    };

/** Finds the place that checked, known inputs name. A relative path is one of the program's own folder. */
export function sourceOf(artifact: ArtifactInputs): ArtifactSource {
  if (artifact.jarUri !== undefined) return sourceAt(artifact.jarUri, artifact.httpHeaders);
  const { path, uri } = artifact.jar;
  if (path !== undefined && path !== "") return { kind: "file", path: resolve(path), fileName: basename(path) };
  if (uri !== undefined && uri !== "") return sourceAt(uri, artifact.httpHeaders);
  throw new ArtifactError("FLINK_ARTIFACT_NOT_FOUND", "is an asset without a path or an address");
}

function sourceAt(address: string, headers: Readonly<Record<string, string>>): ArtifactSource {
  const inImage = imageJarPath(address);
  if (inImage !== undefined) return { kind: "image", path: inImage, fileName: basename(inImage) };
  const url = new URL(address);
  if (url.protocol === "file:") {
    const path = fileURLToPath(url);
    return { kind: "file", path, fileName: basename(path) };
  }
  return { kind: "http", url, headers, fileName: url.pathname.split("/").at(-1) ?? "" };
}

/** An address for people: its query may hold a signature, so it is left out. */
export function showAddress(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
