import { imageJarName } from "../../provider/values/imageJar";
import type { JsonObject } from "./strategicMerge";

/*
 * Jars of the image among the uploaded ones: Flink lists whatever lies in its folder for uploads. They are linked each
 * time the container starts, since Flink empties that folder when it ends.
 */

/** Flink's `web.upload.dir`, in which it has a folder of its own. */
export const UPLOAD_DIRECTORY = "/tmp/pulumi-flink";
const FOLDER = `${UPLOAD_DIRECTORY}/flink-web-upload`;

/** The container's `lifecycle`. Where there is no such jar the container ends, and its events say why. */
export function lifecycleOf(paths: readonly string[]): JsonObject {
  // Flink lists files as jars whose names have a part before an underscore.
  const links = paths.map(
    (path) => `test -r ${quoted(path)} && ln -sf ${quoted(path)} ${FOLDER}/image_${imageJarName(path)}`,
  );
  return { postStart: { exec: { command: ["sh", "-c", [`mkdir -p ${FOLDER}`, ...links].join(" && ")] } } };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
