import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { cacheDirectory, findJava, obtainFlink, readFlinkHome } from "../../../provider/local";
import { obtainCached } from "../../../provider/local/distribution";
import { parseJavaRelease } from "../../../provider/local/java";
import { explainMavenFailure, renderPom } from "../../../provider/local/maven";

describe("what a local cluster needs", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-local-"));
  });
  afterEach(() => fs.rm(folder, { recursive: true, force: true }));

  async function command(name: string, script: string): Promise<NodeJS.ProcessEnv> {
    const bin = path.join(folder, "bin");
    await fs.mkdir(bin, { recursive: true });
    await fs.writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: path.join(folder, "cache") };
  }

  describe("Java", () => {
    it("tells its release in the old and the new way", () => {
      assert.equal(parseJavaRelease('openjdk version "17.0.15" 2025-04-15'), 17);
      assert.equal(parseJavaRelease('java version "1.8.0_401"'), 8);
      assert.equal(parseJavaRelease('openjdk version "21" 2023-09-19'), 21);
      assert.equal(parseJavaRelease("command not found"), undefined);
    });

    it("is that of JAVA_HOME first", async () => {
      await command("java", `echo 'openjdk version "11.0.2"' >&2`);
      const found = await findJava({ JAVA_HOME: folder, PATH: "" });
      assert.deepEqual(found, { executable: path.join(folder, "bin", "java"), release: 11 });
    });

    it("is asked for in one line when there is none", async () => {
      for (const env of [{ PATH: folder }, { JAVA_HOME: folder }]) {
        await assert.rejects(findJava(env), {
          code: "FLINK_LOCAL_PREREQUISITE",
          message: /^[^\n]*install Java 17[^\n]*$/,
        });
      }
    });

    for (const version of ["1.8.0_401", "25.0.1"]) {
      it(`is refused when it is ${version}`, async () => {
        const env = await command("java", `echo 'openjdk version "${version}"' >&2`);
        await assert.rejects(findJava(env), { code: "FLINK_LOCAL_PREREQUISITE", message: /runs on 11 to 21/ });
      });
    }
  });

  describe("Maven", () => {
    it("gets a POM with the artifacts and no repository", () => {
      const pom = renderPom([{ groupId: "g", artifactId: "a", version: "1" }]);
      assert.match(pom, /<groupId>g<\/groupId>\s*<artifactId>a<\/artifactId>\s*<version>1<\/version>/);
      assert.doesNotMatch(pom, /repositor/i);
    });

    it("is asked for in one line when it is missing", async () => {
      const env = { PATH: folder, XDG_CACHE_HOME: folder };
      await assert.rejects(obtainFlink("1.20.0", undefined, env), {
        code: "FLINK_LOCAL_PREREQUISITE",
        message: /^[^\n]*install Maven[^\n]*flinkHome[^\n]*$/,
      });
    });

    it("is quoted when it fails, without the credentials of a repository", () => {
      const output =
        "[INFO] Scanning\n[ERROR] Failed to execute goal: transfer from https://me:hunter2@host/maven failed: 401\n[ERROR] \n[ERROR] To see the full stack trace";
      const message = explainMavenFailure("Flink 1.20.0", output);
      assert.match(message, /could not download Flink 1\.20\.0: .*https:\/\/host\/maven failed: 401/);
      assert.doesNotMatch(message, /hunter2|full stack trace/);
    });

    it("is understood when it does not have the version", () => {
      const output =
        "[ERROR] Failed to execute goal: Could not find artifact org.apache.flink:flink-clients:jar:1.99.0 in central -> [Help 1]";
      assert.match(explainMavenFailure("Flink 1.99.0", output), /no complete Flink 1\.99\.0: flink-clients 1\.99\.0/);
    });

    it("is run once a version, and again when it failed", async () => {
      const script = (end: string) =>
        `for argument; do case $argument in -DoutputDirectory=*) lib=\${argument#*=};; esac; done
         echo ran >> ${folder}/runs; mkdir $lib; touch $lib/flink.jar; ${end}`;
      const env = await command("mvn", script("exit 1"));
      await assert.rejects(obtainFlink("1.20.0", undefined, env), { code: "FLINK_LOCAL_DISTRIBUTION" });
      await command("mvn", script("exit 0"));
      const first = await obtainFlink("1.20.0", undefined, env);
      assert.deepEqual(await obtainFlink("1.20.0", undefined, env), first);
      assert.deepEqual(await fs.readdir(first.libraryDirectory), ["flink.jar"]);
      assert.equal(await fs.readFile(path.join(folder, "runs"), "utf8"), "ran\nran\n");
      assert.deepEqual(await fs.readdir(path.join(cacheDirectory(env), "flink")), ["1.20.0"]);
    });
  });

  describe("Flink", () => {
    it("comes from a folder that the user unpacked", async () => {
      await fs.mkdir(path.join(folder, "lib"));
      await assert.rejects(readFlinkHome(folder), { code: "FLINK_LOCAL_DISTRIBUTION", message: /flink-dist/ });
      await fs.writeFile(path.join(folder, "lib", "flink-dist-1.19.2.jar"), "");
      assert.deepEqual(await readFlinkHome(folder), {
        version: "1.19.2",
        libraryDirectory: path.join(folder, "lib"),
        pluginsDirectory: path.join(folder, "plugins"),
      });
      await fs.rename(
        path.join(folder, "lib", "flink-dist-1.19.2.jar"),
        path.join(folder, "lib", "flink-dist-1.14.0.jar"),
      );
      await assert.rejects(readFlinkHome(folder), /too old/);
    });
  });

  describe("the cache", () => {
    it("is where XDG says, if that is an absolute path", () => {
      assert.equal(cacheDirectory({ XDG_CACHE_HOME: "/somewhere" }), "/somewhere/pulumi-flink");
      const usual = path.join(os.homedir(), ".cache", "pulumi-flink");
      assert.equal(cacheDirectory({}), usual);
      assert.equal(cacheDirectory({ XDG_CACHE_HOME: "relative" }), usual);
    });

    it("has the first of two that fill it at once, whole", async () => {
      const home = path.join(folder, "home");
      const fill = (text: string) => (target: string) => fs.writeFile(path.join(target, "file"), text);
      await Promise.all([obtainCached(home, fill("a")), obtainCached(home, fill("b"))]);
      assert.match(await fs.readFile(path.join(home, "file"), "utf8"), /^[ab]$/);
      assert.deepEqual(await fs.readdir(folder), ["home"]);
    });

    it("replaces a folder that is not complete", async () => {
      const home = path.join(folder, "home");
      await fs.mkdir(home);
      await fs.writeFile(path.join(home, "half"), "");
      await obtainCached(home, (target) => fs.writeFile(path.join(target, "whole"), ""));
      assert.deepEqual((await fs.readdir(home)).sort(), ["complete.json", "whole"]);
    });
  });
});
