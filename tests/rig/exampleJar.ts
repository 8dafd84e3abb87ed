import * as path from "node:path";
import { cacheDirectory } from "../../provider/local";
import { runCommand } from "../../provider/local/command";
import { obtainCached } from "../../provider/local/distribution";
import { explainMavenFailure } from "../../provider/local/maven";

/** This old version takes an artifact without reading its parent POM, which not every repository has of every Flink. */
const COPY = "org.apache.maven.plugins:maven-dependency-plugin:2.10:copy";

/** The documents' example job, TopSpeedWindowing, of this Flink version: the path of its jar in the documented cache. */
export async function exampleJar(version: string): Promise<string> {
  const what = `flink-examples-streaming ${version}`;
  const home = await obtainCached(path.join(cacheDirectory(), "examples", version), async (folder) => {
    const artifact = `org.apache.flink:flink-examples-streaming:${version}:jar:TopSpeedWindowing`;
    const args = ["--batch-mode", COPY, `-Dartifact=${artifact}`, `-DoutputDirectory=${path.join(folder, "lib")}`];
    const { exitCode, output } = await runCommand("mvn", args, { cwd: folder });
    if (exitCode !== 0) {
      throw new Error(explainMavenFailure(what, output));
    }
  });
  return path.join(home, "lib", `flink-examples-streaming-${version}-TopSpeedWindowing.jar`);
}
