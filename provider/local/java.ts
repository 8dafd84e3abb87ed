import * as path from "node:path";
import { runCommand } from "./command";
import { LocalPrerequisiteError } from "./errors";

/** A Java runtime of this machine. */
export interface JavaRuntime {
  readonly executable: string;
  /** The feature release: 11, 17, 21. */
  readonly release: number;
}

/** Flink 1.17 to 2.x all run on these; newer ones took away what Flink's shaded libraries still call. */
const OLDEST_RELEASE = 11;
const NEWEST_RELEASE = 21;
const REMEDY = "install Java 17 (or 11) and set JAVA_HOME to it";

/** The feature release in what `java -version` prints, undefined when it prints none. */
export function parseJavaRelease(output: string): number | undefined {
  const match = /version "(\d+)(?:\.(\d+))?/.exec(output);
  if (match?.[1] === undefined) {
    return undefined;
  }
  const first = Number(match[1]);
  return first === 1 ? Number(match[2] ?? 0) : first;
}

/**
 * Finds the Java that runs Flink: `JAVA_HOME` if it is set, `java` on the PATH otherwise.
 *
 * @throws LocalPrerequisiteError when there is none, or one that Flink does not run on.
 */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<JavaRuntime> {
  const home = env["JAVA_HOME"];
  const executable = home === undefined || home === "" ? "java" : path.join(home, "bin", "java");
  const { exitCode, output } = await runCommand(executable, ["-version"], { env });
  if (exitCode === undefined) {
    const where = executable === "java" ? "`java` is not on the PATH" : `JAVA_HOME has no ${executable}`;
    throw new LocalPrerequisiteError(`Java is needed to run Flink on this machine, but ${where}: ${REMEDY}.`);
  }
  const release = parseJavaRelease(output);
  if (exitCode !== 0 || release === undefined) {
    throw new LocalPrerequisiteError(`\`${executable} -version\` failed (exit code ${exitCode}): ${REMEDY}.`);
  }
  if (release < OLDEST_RELEASE || release > NEWEST_RELEASE) {
    throw new LocalPrerequisiteError(
      `\`${executable}\` is Java ${release}, Flink runs on ${OLDEST_RELEASE} to ${NEWEST_RELEASE}: ${REMEDY}.`,
    );
  }
  return { executable, release };
}
