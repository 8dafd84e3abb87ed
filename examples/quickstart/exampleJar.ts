import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as path from "node:path";

/** Fetches Flink's example TopSpeedWindowing with Maven, once. Gives the path of its jar. */
export function exampleJar(flinkVersion: string, folder: string): string {
  const jar = path.join(folder, `flink-examples-streaming-${flinkVersion}-TopSpeedWindowing.jar`);
  if (existsSync(jar)) return jar;
  const artifact = `org.apache.flink:flink-examples-streaming:${flinkVersion}:jar:TopSpeedWindowing`;
  const args = ["-Dartifact=" + artifact, "-DoutputDirectory=" + folder];
  execFileSync(
    "mvn",
    ["--batch-mode", "--quiet", "org.apache.maven.plugins:maven-dependency-plugin:2.10:copy", ...args],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  return jar;
}
