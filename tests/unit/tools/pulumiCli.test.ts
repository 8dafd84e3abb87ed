import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { repositoryRoot } from "../../rig/repository";

interface PulumiCli {
  obtainPulumi: (options: { log: (line: string) => void; env: NodeJS.ProcessEnv }) => Promise<string>;
}

describe("obtaining a Pulumi CLI", () => {
  let directory: string;
  const log = () => undefined;

  beforeEach(async () => {
    directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-cli-"));
  });

  afterEach(() => fs.rm(directory, { recursive: true, force: true }));

  async function load(): Promise<PulumiCli> {
    return (await import(pathToFileURL(path.join(repositoryRoot, "tools", "pulumiCli.cjs")).href)) as PulumiCli;
  }

  /** A folder with an executable of that name that prints a line. */
  async function folderWith(name: string, executable: string, line: string): Promise<string> {
    const folder = path.join(directory, name);
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(path.join(folder, executable), `#!/bin/sh\necho ${line}\n`, { mode: 0o755 });
    return folder;
  }

  it("takes the first one on PATH that is new enough", async () => {
    const { obtainPulumi } = await load();
    const folders = [
      await folderWith("old", "pulumi", "v3.199.0"),
      await folderWith("broken", "pulumi", "what?"),
      await folderWith("new", "pulumi", "v3.248.0"),
    ];
    const env = { PATH: folders.join(path.delimiter), XDG_CACHE_HOME: directory };
    assert.equal(await obtainPulumi({ log, env }), path.join(directory, "new", "pulumi"));
  });

  it("takes the one that an earlier call built into the cache", async () => {
    const { obtainPulumi } = await load();
    const goMod = await fs.readFile(path.join(repositoryRoot, "tools", "pulumi-cli", "go.mod"), "utf8");
    const version = /pulumi\/pkg\/v3 v(\S+)/.exec(goMod)?.[1] ?? "";
    const bin = await folderWith(path.join("pulumi-flink", "pulumi", version, "bin"), "pulumi", `v${version}`);
    const env = { PATH: await folderWith("old", "pulumi", "v3.199.0"), XDG_CACHE_HOME: directory };
    assert.equal(await obtainPulumi({ log, env }), path.join(bin, "pulumi"));
  });

  it("says in one line what to install where there is no Go to build with, and leaves nothing behind", async () => {
    const { obtainPulumi } = await load();
    const env = { PATH: path.join(directory, "nothing"), XDG_CACHE_HOME: directory };
    await assert.rejects(obtainPulumi({ log, env }), (error: unknown) => {
      assert.match(
        (error as Error).message,
        /^There is no Pulumi CLI >= 3\.200\.0 on PATH, and no Go to build one with: install .*$/,
      );
      return true;
    });
    assert.deepEqual(await fs.readdir(path.join(directory, "pulumi-flink", "pulumi")), []);
  });

  it("gives the end of Go's own words when the build fails", async () => {
    const { obtainPulumi } = await load();
    const go = await folderWith("go", "go", "'go: no such toolchain' >&2; exit 1");
    const env = { PATH: go, XDG_CACHE_HOME: directory };
    await assert.rejects(obtainPulumi({ log, env }), /go build .* failed \(exit 1\):\ngo: no such toolchain$/);
  });
});
