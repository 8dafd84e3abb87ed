import { existsSync } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { until } from "../until";

const MOUNT = "/sys/fs/cgroup";

/** The folders under which a control group is made: one of version 2, or one for each controller of version 1. */
async function hierarchies(): Promise<string[]> {
  if (existsSync(path.join(MOUNT, "cgroup.controllers"))) return [MOUNT];
  const names = await fs.readdir(MOUNT);
  return names.map((name) => path.join(MOUNT, name));
}

/**
 * A control group competes for the processor as one process does, and all pods are in one: on a busy machine they would
 * hardly run. So it counts for some. By file: the setting of version 1, and of version 2.
 */
const SHARES = { "cpu.shares": "16384", "cpu.weight": "1600" };

/** Makes a control group for a cluster's pods, beside all others. */
export async function makeControlGroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const group = path.join(hierarchy, name);
    await fs.mkdir(group, { recursive: true });
    for (const [setting, value] of Object.entries(SHARES)) {
      if (existsSync(path.join(group, setting))) await fs.writeFile(path.join(group, setting), value);
    }
  }
}

/** Removes a control group and those below it. Its processes have ended, or are about to. */
export async function removeControlGroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const group = path.join(hierarchy, name);
    await until(`the control group ${group} is gone`, () => removeTree(group), 30_000);
  }
}

/** Only folders can be removed there, each when it is empty; the files in them are the kernel's. */
async function removeTree(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return true;
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(path.join(folder, entry.name));
  }
  return await fs.rmdir(folder).then(
    () => true,
    () => !existsSync(folder),
  );
}
