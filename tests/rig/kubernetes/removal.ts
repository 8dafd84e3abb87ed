import { readFileSync } from "node:fs";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { removeControlGroup } from "./controlGroup";
import { CLUSTER_PREFIX, clusterLayout, controlGroupOf } from "./layout";

/** Until its supervisor is written down, a cluster is not taken for a dead one. */
const UNWRITTEN_MS = 60_000;

/** Removes what a cluster leaves when its processes have ended. */
export async function removeCluster(directory: string): Promise<void> {
  await removeControlGroup(controlGroupOf(directory));
  await fs.rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** Removes what is left of clusters whose supervisors were killed. */
export async function removeDeadClusters(): Promise<void> {
  for (const name of await fs.readdir(os.tmpdir())) {
    const directory = path.join(os.tmpdir(), name);
    if (name.startsWith(CLUSTER_PREFIX) && (await isDead(directory))) await removeCluster(directory);
  }
}

async function isDead(directory: string): Promise<boolean> {
  try {
    const pid = await fs.readFile(clusterLayout(directory).supervisor, "utf8");
    // Its folder is in its arguments: another process may have its number now.
    return !commandLine(pid).includes(directory);
  } catch {
    const age = await fs.stat(directory).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    return age > UNWRITTEN_MS;
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
