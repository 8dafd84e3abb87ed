import * as fs from "node:fs/promises";
import * as path from "node:path";
import { obtain } from "../cache";
import { run } from "../commands";
import { unpackDebianPackages, withDependencies } from "../debian";
import { LAYER_OPTIONS, packLayer, readLayer, type Layer } from "./layer";

/** User and group that Flink runs as, as in the official image. */
export const FLINK_USER = 9999;

export const JAVA_HOME = "/usr/lib/jvm/default-java";

const PACKAGES = [
  "default-jre-headless",
  "bash",
  "coreutils",
  "findutils",
  "gettext-base",
  "grep",
  "hostname",
  "procps",
  "sed",
];

/** What packages are installed with, and nothing in a container is. */
const UNNEEDED =
  /^(perl|libperl|libdb5|libgdbm|lib.*-perl$|usrmerge$|openssl$|debconf$|dpkg$|ca-certificates$|init-system)/;

const FOLDERS = ["bin", "sbin", "lib", "lib64"];
const BULK = ["doc", "man", "locale", "info"].map((name) => path.join("usr/share", name));

/** A small Debian with a Java runtime. */
export async function obtainJavaLayer(log: (line: string) => void): Promise<Layer> {
  const recipe = [PACKAGES, UNNEEDED.source, LAYER_OPTIONS, files().flat(), process.arch];
  const home = await obtain("java", recipe, async (folder) => {
    log("making a file system with Java out of Debian's packages");
    const root = path.join(folder, "root");
    for (const name of FOLDERS) {
      await fs.mkdir(path.join(root, "usr", name), { recursive: true });
      await fs.symlink(`usr/${name}`, path.join(root, name));
    }
    const packages = (await withDependencies(PACKAGES)).filter((name) => !UNNEEDED.test(name));
    await unpackDebianPackages(packages, root);
    for (const name of BULK) await fs.rm(path.join(root, name), { recursive: true, force: true });
    await fs.symlink("bash", path.join(root, "usr/bin/sh")).catch(() => undefined);
    for (const [name, text] of files()) await fs.writeFile(path.join(root, name), text);
    await run("ldconfig", ["-r", root]);
    await packLayer(root, ["."], 0, layerFile(folder));
    await fs.rm(root, { recursive: true });
  });
  return await readLayer(layerFile(home));
}

function layerFile(folder: string): string {
  return path.join(folder, "layer.tar");
}

/** What the packages' scripts would have written. */
function files(): [name: string, text: string][] {
  const users = [
    ["root", 0, "/root"],
    ["flink", FLINK_USER, "/opt/flink"],
  ];
  return [
    ["etc/passwd", users.map(([name, id, home]) => `${name}:x:${id}:${id}::${home}:/bin/bash\n`).join("")],
    ["etc/group", users.map(([name, id]) => `${name}:x:${id}:\n`).join("")],
    ["etc/nsswitch.conf", "hosts: files dns\npasswd: files\ngroup: files\n"],
  ];
}
