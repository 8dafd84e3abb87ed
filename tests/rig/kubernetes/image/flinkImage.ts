import * as fs from "node:fs/promises";
import * as path from "node:path";
import { cacheDirectory, obtainFlink } from "../../../../provider/local";
import { obtainCached } from "../../../../provider/local/distribution";
import { copyArtifacts } from "../../../../provider/local/maven";
import { digestFile } from "../../../../provider/values/fileDigest";
import { buildCountingJob } from "../../countingJob";
import { repositoryRoot } from "../../repository";
import type { Image } from "./archive";
import { FLINK_USER, JAVA_HOME } from "./javaLayer";
import { packLayer, type Layer } from "./layer";

const SOURCES = path.join(repositoryRoot, "tests/rig/kubernetes/image");
const CONFIGURATION = ["config.yaml", "log4j-console.properties"];
const ENTRYPOINT = "docker-entrypoint.sh";
const FLINK_HOME = "opt/flink";

/** Where the images have the counting job's jar. */
export const COUNTING_JOB_IN_IMAGE = `/${FLINK_HOME}/usrlib/counting.jar`;

/** In the official distribution, but not among what a local cluster needs: high availability by Kubernetes. */
const ADDED_ARTIFACTS = ["flink-kubernetes"];

/** Plugins for object stores, each with all that it needs in one jar: for ENABLE_BUILT_IN_PLUGINS. */
const PLUGIN_ARTIFACTS = ["flink-s3-fs-presto", "flink-s3-fs-hadoop"];

/** How a pod names the image of this Flink version. */
export function flinkImageName(version: string): string {
  return `flink:${version}`;
}

/** All that the images are made of, beside Java and Flink's jars. */
export async function flinkImageRecipe(): Promise<string[]> {
  const texts = [ENTRYPOINT, ...CONFIGURATION].map((name) => fs.readFile(path.join(SOURCES, name), "utf8"));
  const { sha256 } = await digestFile(await buildCountingJob());
  return [...(await Promise.all(texts)), ...ADDED_ARTIFACTS, ...PLUGIN_ARTIFACTS, sha256];
}

/** The script that starts Flink. */
export async function packEntrypoint(workshop: string): Promise<Layer> {
  const folder = await fs.mkdtemp(path.join(workshop, "entrypoint-"));
  await fs.copyFile(path.join(SOURCES, ENTRYPOINT), path.join(folder, ENTRYPOINT));
  await fs.chmod(path.join(folder, ENTRYPOINT), 0o755);
  return await packLayer(folder, [ENTRYPOINT], 0, path.join(workshop, "entrypoint.tar"));
}

/** Flink with the official image's places, user and entrypoint; its jars are those that local clusters run. */
export async function makeFlinkImage(version: string, below: readonly Layer[], workshop: string): Promise<Image> {
  const folder = await fs.mkdtemp(path.join(workshop, "flink-"));
  const home = path.join(folder, FLINK_HOME);
  for (const name of ["conf", "lib", "log", "opt", "plugins", "usrlib"]) {
    await fs.mkdir(path.join(home, name), { recursive: true });
  }
  const sources = [
    [(await obtainFlink(version)).libraryDirectory, "lib"],
    [await obtainJars(version, ADDED_ARTIFACTS), "lib"],
    [await obtainJars(version, PLUGIN_ARTIFACTS), "opt"],
  ] as const;
  for (const [jars, into] of sources) {
    for (const jar of await fs.readdir(jars)) {
      await fs.copyFile(path.join(jars, jar), path.join(home, into, jar), fs.constants.COPYFILE_FICLONE);
    }
  }
  for (const name of CONFIGURATION) await fs.copyFile(path.join(SOURCES, name), path.join(home, "conf", name));
  await fs.copyFile(await buildCountingJob(), path.join(folder, COUNTING_JOB_IN_IMAGE));
  const layer = await packLayer(folder, [FLINK_HOME], FLINK_USER, path.join(workshop, `flink-${version}.tar`));
  await fs.rm(folder, { recursive: true });
  return {
    name: `docker.io/library/${flinkImageName(version)}`,
    layers: [...below, layer],
    config: {
      Entrypoint: [`/${ENTRYPOINT}`],
      Cmd: ["help"],
      // By number: that it is not root can be seen.
      User: `${FLINK_USER}:${FLINK_USER}`,
      WorkingDir: `/${FLINK_HOME}`,
      Env: [
        `PATH=/${FLINK_HOME}/bin:${JAVA_HOME}/bin:/usr/local/bin:/usr/bin:/bin`,
        `FLINK_HOME=/${FLINK_HOME}`,
        `JAVA_HOME=${JAVA_HOME}`,
        "LANG=C.UTF-8",
      ],
    },
  };
}

/** The folder of these artifacts of Flink, and of what they need. */
async function obtainJars(version: string, artifactIds: readonly string[]): Promise<string> {
  const artifacts = artifactIds.map((artifactId) => ({ groupId: "org.apache.flink", artifactId, version }));
  const cached = path.join(cacheDirectory(), "kubernetes", `flink-${version}-${artifactIds.join("-")}`);
  const home = await obtainCached(cached, (folder) => copyArtifacts(`Flink ${version}`, artifacts, folder));
  return path.join(home, "lib");
}
