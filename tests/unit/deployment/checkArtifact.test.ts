import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { checkArtifact } from "../../../provider/deployment/checkArtifact";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";
import { Folder, jar, zip } from "../artifacts/jars";
import { JarServer } from "../artifacts/jarServer";
import { fileAsset, inputsWith } from "./inputsFixture";

describe("the jar that the arguments name", () => {
  let folder: Folder;
  let library: string;
  before(async () => {
    folder = await Folder.make();
    library = await folder.write("library.jar", jar(["org.example.Main"]));
  });
  after(() => folder.remove());

  const check = (artifact: unknown, state = "RUNNING") => {
    const { inputs, failures } = checkDeploymentInputs(inputsWith({ artifact, state }));
    assert.deepEqual(failures, []);
    return checkArtifact(inputs);
  };

  it("is fine when it holds the class to run", async () => {
    const artifact = { jar: fileAsset(library), entryClass: "org.example.Main" };
    assert.deepEqual(await check(artifact), { failures: [], warnings: [] });
  });

  const wrong: [title: string, artifact: () => object, property: string, reason: RegExp][] = [
    ["does not exist", () => ({ jar: fileAsset("none.jar") }), "artifact.jar", /^does not exist/],
    ["does not exist at its address", () => ({ jarUri: "file:///none.jar" }), "artifact.jarUri", /^does not exist/],
    [
      "names no class to run",
      () => ({ jar: fileAsset(library) }),
      "artifact.entryClass",
      /^is not given, and the jar's manifest/,
    ],
    [
      "does not hold the class",
      () => ({ jar: fileAsset(library), entryClass: "B" }),
      "artifact.entryClass",
      /^is B, which the jar does not hold/,
    ],
    [
      "is another than pinned",
      () => ({ jar: fileAsset(library), sha256: "0".repeat(64) }),
      "artifact.sha256",
      /^asks for a jar of SHA-256 0/,
    ],
  ];
  for (const [title, artifact, property, reason] of wrong) {
    it(`fails the check when it ${title}, but only warns while the job is not to run`, async () => {
      const { failures, warnings } = await check(artifact());
      assert.deepEqual(warnings, []);
      assert.equal(failures.length, 1);
      assert.equal(failures[0]?.property, property);
      assert.match(failures[0]?.reason ?? "", reason);
      for (const state of ["SUSPENDED", "CANCELLED", UNKNOWN_VALUE]) {
        const idle = await check(artifact(), state);
        assert.deepEqual(idle.failures, []);
        assert.deepEqual(idle.warnings, [`${property} ${failures[0]?.reason}`]);
      }
    });
  }

  it("is only a warning when its server cannot be reached", async () => {
    const gone = await JarServer.start();
    const jarUri = gone.url("/a.jar");
    await gone.stop();
    const { failures, warnings } = await check({ jarUri });
    assert.deepEqual(failures, []);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^artifact\.jarUri cannot be fetched from http:\/\/127\.0\.0\.1:\d+\/a\.jar: /);
  });

  it("is only a warning when the class may be in a jar within", async () => {
    const nested = await folder.write("nested.jar", zip({ "lib/inner.jar": "" }));
    const { failures, warnings } = await check({ jar: fileAsset(nested), entryClass: "B" });
    assert.deepEqual(failures, []);
    assert.match(warnings.join(), /^artifact\.entryClass is B, which is not in the jar itself/);
  });

  it("is not looked for while its place is not known yet", async () => {
    for (const artifact of [
      UNKNOWN_VALUE,
      { jar: UNKNOWN_VALUE },
      { jarUri: UNKNOWN_VALUE },
      { jar: fileAsset("none.jar"), sha256: UNKNOWN_VALUE },
      { jarUri: "https://jars.example.org/a.jar", httpHeaders: { A: UNKNOWN_VALUE } },
    ]) {
      assert.deepEqual(await check(artifact), { failures: [], warnings: [] });
    }
  });

  describe("and what is packed into it", () => {
    const MAIN = { entryClass: "org.example.Main" };
    let tool: string;
    before(async () => (tool = pathToFileURL(await folder.write("tool.jar", jar(["org.library.Tool"]))).href));

    it("are fine when all are there", async () => {
      const artifact = { jar: fileAsset(library), ...MAIN, additionalDependencies: [tool] };
      assert.deepEqual(await check(artifact), { failures: [], warnings: [] });
    });

    it("hold the class to run together", async () => {
      const artifact = { jar: fileAsset(library), entryClass: "org.library.Tool", additionalDependencies: [tool] };
      assert.deepEqual(await check(artifact), { failures: [], warnings: [] });
    });

    it("fail the check with all that is wrong, each by its place, but only warn while the job is not to run", async () => {
      const page = pathToFileURL(await folder.write("page.jar", "<html>")).href;
      const place = { jar: fileAsset("none.jar"), ...MAIN };
      const artifact = { ...place, additionalDependencies: ["file:///none/a.jar", tool, page] };
      const { failures, warnings } = await check(artifact);
      assert.deepEqual(warnings, []);
      assert.deepEqual(
        failures.map(({ property, reason }) => `${property} ${reason.split(":")[0]}`),
        [
          "artifact.jar does not exist",
          "artifact.additionalDependencies[0] does not exist",
          "artifact.additionalDependencies[2] is not a jar",
        ],
      );
      const idle = await check(artifact, "SUSPENDED");
      assert.deepEqual(idle.failures, []);
      assert.deepEqual(
        idle.warnings,
        failures.map(({ property, reason }) => `${property} ${reason}`),
      );
    });

    it("fail the check when two would have one name in the jar", async () => {
      const full = await folder.write("full.jar", zip({ "org/example/Main.class": "", "lib/tool.jar": "" }));
      const { failures } = await check({ jar: fileAsset(full), ...MAIN, additionalDependencies: [tool] });
      assert.deepEqual(
        failures.map(({ property }) => property),
        ["artifact.additionalDependencies[0]"],
      );
      assert.match(
        failures[0]?.reason ?? "",
        /^would be lib\/tool\.jar in the job's jar, which has a file of that name/,
      );
    });

    it("do not miss a class that may be in what is not known yet", async () => {
      const artifact = { jar: fileAsset(library), entryClass: "B" };
      for (const additionalDependencies of [UNKNOWN_VALUE, [UNKNOWN_VALUE, tool]]) {
        assert.deepEqual(await check({ ...artifact, additionalDependencies }), { failures: [], warnings: [] });
      }
      const missing = { jar: fileAsset("none.jar"), additionalDependencies: UNKNOWN_VALUE };
      assert.equal((await check(missing)).failures.length, 1, "the jar itself is known");
    });

    it("are only a warning when a server cannot be reached", async () => {
      const gone = await JarServer.start();
      const address = gone.url("/a.jar");
      await gone.stop();
      const { failures, warnings } = await check({
        jar: fileAsset(library),
        ...MAIN,
        additionalDependencies: [address],
      });
      assert.deepEqual(failures, []);
      assert.match(warnings.join(), /^artifact\.additionalDependencies\[0\] cannot be fetched from http:/);
    });
  });

  it("is read though its class to run or its arguments are not known yet", async () => {
    const unknown = { entryClass: UNKNOWN_VALUE, mainArgs: [UNKNOWN_VALUE] };
    assert.deepEqual(await check({ jar: fileAsset(library), ...unknown }), { failures: [], warnings: [] });
    assert.equal((await check({ jar: fileAsset("none.jar"), ...unknown })).failures.length, 1);
  });
});
