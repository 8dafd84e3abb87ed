import * as fs from "node:fs/promises";
import * as path from "node:path";
import { run } from "./commands";

/**
 * Unpacks Debian packages into a folder; nothing is installed, and no script of theirs runs.
 *
 * @param root what they find as `/`.
 */
export async function unpackDebianPackages(names: readonly string[], root: string): Promise<void> {
  const downloads = await fs.mkdtemp(path.join(path.dirname(root), "debian-"));
  try {
    await download(names, downloads);
    await fs.mkdir(root, { recursive: true });
    for (const file of (await fs.readdir(downloads)).sort()) {
      // Not `dpkg-deb --extract`, which would replace the links of a merged /usr by folders.
      const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar --extract --keep-directory-symlink --directory "$2"';
      await run("bash", ["-o", "pipefail", "-c", unpack, "unpack", path.join(downloads, file), root]);
    }
  } finally {
    await fs.rm(downloads, { recursive: true, force: true });
  }
}

async function download(names: readonly string[], folder: string): Promise<void> {
  const args = ["download", "--option", "APT::Sandbox::User=root", ...names];
  try {
    await run("apt-get", args, { cwd: folder });
  } catch {
    // No list of packages yet, or one that is too old to be true.
    await run("apt-get", ["update"]);
    await run("apt-get", args, { cwd: folder });
  }
}

/** These packages and all that they depend on, as on a machine where nothing is installed. */
export async function withDependencies(names: readonly string[]): Promise<string[]> {
  const args = ["--option", "Dir::State::status=/dev/null", "install", "--simulate", "--no-install-recommends"];
  const simulate = async (): Promise<string[]> => {
    const output = await run("apt-get", [...args, ...names]);
    return output.split("\n").flatMap((line) => /^Inst (\S+) /.exec(line)?.[1] ?? []);
  };
  try {
    return await simulate();
  } catch {
    await run("apt-get", ["update"]);
    return await simulate();
  }
}
