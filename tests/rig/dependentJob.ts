import * as fs from "node:fs/promises";
import * as path from "node:path";
import { buildMavenProject } from "./mavenProject";

/**
 * A job that needs a class and a file `name.txt` that its jar does not hold, in `main` and in its tasks, and the jar of
 * that class.
 */
export async function buildDependentJob(): Promise<{ readonly job: string; readonly library: string }> {
  const built = await buildMavenProject("dependent");
  return { job: path.join(built, "dependent.jar"), library: path.join(built, "dependent-library.jar") };
}

/** The entry class that the job's manifest names. */
export const DEPENDENT_ENTRY_CLASS = "pulumiflink.dependent.DependentJob";

/** What the job has written into the folder that its one argument names: by `main`, and by a task. */
export function saidBy(output: string): Promise<string[]> {
  return Promise.all(["main.txt", "task.txt"].map((name) => fs.readFile(path.join(output, name), "utf8")));
}
