import * as fs from "node:fs/promises";
import * as path from "node:path";
import { runCommand } from "./command";
import { LocalDistributionError, LocalPrerequisiteError } from "./errors";
import type { OnProgress } from "./progress";

/** One jar of a Maven repository. */
export interface MavenArtifact {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
}

const DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1";

/** A project whose only content is these dependencies; which repositories are asked is the user's Maven settings' business. */
export function renderPom(artifacts: readonly MavenArtifact[]): string {
  const dependencies = artifacts.map(({ groupId, artifactId, version }) =>
    [
      "    <dependency>",
      `      <groupId>${groupId}</groupId>`,
      `      <artifactId>${artifactId}</artifactId>`,
      `      <version>${version}</version>`,
      "    </dependency>",
    ].join("\n"),
  );
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0">',
    "  <modelVersion>4.0.0</modelVersion>",
    "  <groupId>pulumi-flink</groupId>",
    "  <artifactId>local-cluster</artifactId>",
    "  <version>1</version>",
    "  <packaging>pom</packaging>",
    "  <dependencies>",
    ...dependencies,
    "  </dependencies>",
    "</project>",
    "",
  ].join("\n");
}

/**
 * Copies artifacts and what they need at run time into a folder.
 *
 * @param folder an empty folder of the caller's own; the jars come into its `lib`.
 * @throws LocalPrerequisiteError without Maven; LocalDistributionError when an artifact cannot be had.
 */
export async function copyArtifacts(
  what: string,
  artifacts: readonly MavenArtifact[],
  folder: string,
  options: { onProgress?: OnProgress; env?: NodeJS.ProcessEnv } = {},
): Promise<void> {
  const pom = path.join(folder, "pom.xml");
  await fs.writeFile(pom, renderPom(artifacts));
  let downloaded = 0;
  const { exitCode, output } = await runCommand(
    "mvn",
    [
      "--batch-mode",
      "--file",
      pom,
      `${DEPENDENCY_PLUGIN}:copy-dependencies`,
      `-DoutputDirectory=${path.join(folder, "lib")}`,
      "-DincludeScope=runtime",
    ],
    {
      cwd: folder,
      env: options.env ?? process.env,
      onLine: (line) => {
        const jar = /Downloaded from [^ ]+ [^ ]*\/([^/ ]+\.jar) /.exec(line)?.[1];
        if (jar !== undefined) {
          downloaded += 1;
          options.onProgress?.(`downloading ${what}: ${downloaded} files, ${jar}`);
        }
      },
    },
  );
  if (exitCode === undefined) {
    throw new LocalPrerequisiteError(
      `Maven is needed to download ${what}, but \`mvn\` is not on the PATH: install Maven 3.6.3 or newer, ` +
        "or set flinkHome to the folder of an unpacked Flink distribution.",
    );
  }
  if (exitCode !== 0) {
    throw new LocalDistributionError(explainMavenFailure(what, output));
  }
}

/** What a user needs of Maven's output: its first errors, on one line, without credentials of repository addresses. */
export function explainMavenFailure(what: string, output: string): string {
  const errors = output
    .split("\n")
    .filter((line) => line.startsWith("[ERROR]"))
    .map((line) => line.slice("[ERROR]".length).trim())
    .filter((line) => line !== "" && !line.startsWith("->") && !/^(To see|Re-run|For more)/.test(line));
  const reason = redactUserInfo(errors.slice(0, 2).join(" ") || output.trim().split("\n").slice(-3).join(" "));
  const missing = /Could not find artifact (?:\S+:)?([\w.-]+):jar:(?:[\w.-]+:)?([\w.-]+)/.exec(output);
  if (missing !== null) {
    return (
      `Maven has no complete ${what}: ${missing[1]} ${missing[2]} is missing. ` +
      "Choose a version that is released in full (such as 1.20.0 or 2.3.0), or set flinkHome."
    );
  }
  return `Maven could not download ${what}: ${reason}. Check the network and Maven's settings, then run again.`;
}

function redactUserInfo(text: string): string {
  return text.replace(/:\/\/[^/\s@]+@/g, "://");
}
