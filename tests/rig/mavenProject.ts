import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { runCommand } from "../../provider/local/command";
import { cacheDirectory, obtainCached } from "../../provider/local/distribution";
import { repositoryRoot } from "./repository";

/**
 * A Java project of `tests/jobs`, built with Maven once for each content of its sources, and then kept in
 * `~/.cache/pulumi-flink/<name>-job`.
 *
 * @returns the folder of what was built.
 */
export async function buildMavenProject(name: string): Promise<string> {
  const project = path.join(repositoryRoot, "tests", "jobs", name);
  const cached = path.join(cacheDirectory(), `${name}-job`, await hashSources(project));
  const home = await obtainCached(cached, async (folder) => {
    await fs.cp(path.join(project, "pom.xml"), path.join(folder, "pom.xml"));
    await fs.cp(path.join(project, "src"), path.join(folder, "src"), { recursive: true });
    const { exitCode, output } = await runCommand("mvn", ["-q", "--batch-mode", "package"], { cwd: folder });
    if (exitCode === undefined) {
      throw new Error(
        `The ${name} job is built with Maven, but \`mvn\` is not on the PATH: install Maven 3.6.3 or newer.`,
      );
    }
    if (exitCode !== 0) throw new Error(`Maven could not build the ${name} job:\n${output}`);
  });
  return path.join(home, "target");
}

async function hashSources(project: string): Promise<string> {
  const entries = await fs.readdir(path.join(project, "src"), { recursive: true, withFileTypes: true });
  const sources = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const hash = createHash("sha256");
  for (const file of [path.join(project, "pom.xml"), ...sources.sort()]) {
    const content = await fs.readFile(file);
    hash.update(`${path.relative(project, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}
