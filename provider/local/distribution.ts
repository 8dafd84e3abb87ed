import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { explainFlinkVersion } from "../values/flinkVersion";
import { LocalDistributionError } from "./errors";
import { copyArtifacts, type MavenArtifact } from "./maven";
import type { OnProgress } from "./progress";

/** Where Flink's jars are. */
export interface FlinkDistribution {
  /** Such as `1.20.0`. */
  readonly version: string;
  /** Every jar in it belongs on the class path. */
  readonly libraryDirectory: string;
  /** May not exist. */
  readonly pluginsDirectory: string;
}

/** Which Flink to run: a version that Maven has, or the folder of an unpacked distribution. */
export type FlinkSource = { readonly flinkVersion: string } | { readonly flinkHome: string };

const MARKER = "complete.json";
const ABANDONED_AFTER_MS = 6 * 60 * 60 * 1000;

/** Everything a JobManager and a TaskManager need; the POMs of these bring the rest. */
const FLINK_ARTIFACTS = [
  "flink-clients",
  "flink-streaming-java",
  "flink-runtime-web",
  "flink-statebackend-rocksdb",
  "flink-connector-datagen",
  "flink-connector-files",
];
const LOG4J_VERSION = "2.24.3";

function runtimeArtifacts(version: string): MavenArtifact[] {
  const log4j = (artifactId: string): MavenArtifact => ({
    groupId: "org.apache.logging.log4j",
    artifactId,
    version: LOG4J_VERSION,
  });
  return [
    ...FLINK_ARTIFACTS.map((artifactId) => ({ groupId: "org.apache.flink", artifactId, version })),
    log4j("log4j-slf4j-impl"),
    log4j("log4j-core"),
  ];
}

/** This package's cache on this machine: `$XDG_CACHE_HOME/pulumi-flink`, or `~/.cache/pulumi-flink`. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const xdg = env["XDG_CACHE_HOME"];
  // The XDG specification says that a relative path is to be ignored.
  const base = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(os.homedir(), ".cache");
  return path.join(base, "pulumi-flink");
}

/** Finds the Flink that a source names, downloading it on the first use of a version. */
export async function resolveFlink(source: FlinkSource, onProgress?: OnProgress): Promise<FlinkDistribution> {
  return "flinkHome" in source
    ? await readFlinkHome(source.flinkHome)
    : await obtainFlink(source.flinkVersion, onProgress);
}

/**
 * Flink of this version from the cache `~/.cache/pulumi-flink/flink/<version>`, downloaded with Maven when it is not there.
 * Several processes may do so at once.
 *
 * @throws LocalDistributionError for a version that is malformed, too old, or that Maven does not have.
 * @throws LocalPrerequisiteError when it must be downloaded and there is no Maven.
 */
export async function obtainFlink(
  version: string,
  onProgress?: OnProgress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<FlinkDistribution> {
  const wrong = explainFlinkVersion(version);
  if (wrong !== undefined) {
    throw new LocalDistributionError(wrong);
  }
  const home = await obtainCached(path.join(cacheDirectory(env), "flink", version), async (folder) => {
    onProgress?.(`downloading Flink ${version} with Maven (once, about 130 MB)`);
    await copyArtifacts(`Flink ${version}`, runtimeArtifacts(version), folder, {
      env,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  });
  return { version, libraryDirectory: path.join(home, "lib"), pluginsDirectory: path.join(home, "plugins") };
}

/**
 * A folder of the cache, filled in a folder beside it and then renamed: it is never there in part.
 *
 * @returns the folder.
 */
export async function obtainCached(home: string, fill: (folder: string) => Promise<void>): Promise<string> {
  if (await isComplete(home)) {
    return home;
  }
  const parent = path.dirname(home);
  await fs.mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const folder = path.join(parent, `.tmp-${process.pid}-${randomBytes(6).toString("hex")}`);
  await fs.mkdir(folder);
  try {
    await fill(folder);
    await fs.writeFile(path.join(folder, MARKER), `${JSON.stringify({ completed: new Date().toISOString() })}\n`);
    await putInPlace(folder, home);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
  return home;
}

async function putInPlace(folder: string, home: string): Promise<void> {
  for (;;) {
    try {
      await fs.rename(folder, home);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") {
        throw error;
      }
    }
    if (await isComplete(home)) {
      return; // another process was quicker, and its folder is as good as ours
    }
    const aside = `${folder}-replaced`;
    await fs.rename(home, aside).catch(() => undefined);
    await fs.rm(aside, { recursive: true, force: true });
  }
}

async function isComplete(home: string): Promise<boolean> {
  return await fs.access(path.join(home, MARKER)).then(
    () => true,
    () => false,
  );
}

/** Removes what processes that were killed while downloading left behind. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await fs.readdir(parent)) {
    if (name.startsWith(".tmp-")) {
      const folder = path.join(parent, name);
      const age = await fs.stat(folder).then(
        (stat) => Date.now() - stat.mtimeMs,
        () => 0,
      );
      if (age > ABANDONED_AFTER_MS) {
        await fs.rm(folder, { recursive: true, force: true });
      }
    }
  }
}

/**
 * The distribution that a user unpacked.
 *
 * @throws LocalDistributionError when the folder is none, or too old.
 */
export async function readFlinkHome(flinkHome: string): Promise<FlinkDistribution> {
  const home = path.resolve(flinkHome);
  const libraryDirectory = path.join(home, "lib");
  const names = await fs.readdir(libraryDirectory).catch(() => []);
  const version = names.map((name) => /^flink-(?:dist|runtime)-(\d+\.\d+\.\d+).*\.jar$/.exec(name)?.[1]).find((v) => v);
  if (version === undefined) {
    throw new LocalDistributionError(
      `flinkHome ${home} is no Flink distribution: it has no lib/flink-dist-<version>.jar. ` +
        "Give the folder that has bin, conf and lib in it.",
    );
  }
  const wrong = explainFlinkVersion(version);
  if (wrong !== undefined) {
    throw new LocalDistributionError(`flinkHome ${home}: ${wrong}`);
  }
  return { version, libraryDirectory, pluginsDirectory: path.join(home, "plugins") };
}
