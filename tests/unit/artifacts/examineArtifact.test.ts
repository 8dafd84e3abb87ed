import assert from "node:assert/strict";
import type { ArtifactInputs } from "../../../provider/artifacts/artifactInputs";
import { artifactDigest, examineJar } from "../../../provider/artifacts/examineArtifact";
import { fileAsset } from "../deployment/inputsFixture";
import { Folder, jar, sha256Of } from "./jars";
import { JarServer } from "./jarServer";

const JOB = jar(["A"], "Main-Class: A\r\n");
const NEXT = jar(["A", "B"], "Main-Class: A\r\n");

function at(jarUri: string, more: Partial<ArtifactInputs> = {}): ArtifactInputs {
  return { mainArgs: [], additionalDependencies: [], httpHeaders: {}, ...more, jarUri } as ArtifactInputs;
}

describe("the digest of a jar", () => {
  let folder: Folder;
  let server: JarServer;
  before(async () => {
    folder = await Folder.make();
    server = await JarServer.start();
  });
  after(async () => {
    await server.stop();
    await folder.remove();
  });

  it("is that of a local file's content, each time anew", async () => {
    const path = await folder.write("job.jar", JOB);
    const artifact = { ...at(""), jarUri: undefined, jar: fileAsset(path, "old") } as unknown as ArtifactInputs;
    assert.equal(await artifactDigest(artifact), sha256Of(JOB));
    await folder.write("job.jar", NEXT);
    assert.equal(await artifactDigest(artifact), sha256Of(NEXT));
  });

  it("is Pulumi's own hash where nothing else is left of an asset", async () => {
    const artifact = {
      ...at(""),
      jarUri: undefined,
      jar: { ...fileAsset("", "abc"), path: undefined },
    } as unknown as ArtifactInputs;
    assert.equal(await artifactDigest(artifact), "abc");
  });

  it("is the pinned one without reading anything", async () => {
    assert.equal(await artifactDigest(at(server.url("/none.jar"), { sha256: "1".repeat(64) })), "1".repeat(64));
    assert.equal(server.seen.length, 0);
  });

  it("is fetched again only when the server has another jar", async () => {
    const artifact = at(server.url("/tagged.jar"));
    server.serve("/tagged.jar", JOB, '"one"');
    assert.equal(await artifactDigest(artifact), sha256Of(JOB));
    assert.equal(await artifactDigest(artifact), sha256Of(JOB));
    assert.equal(server.seen.at(-1)?.headers["if-none-match"], '"one"');
    server.serve("/tagged.jar", NEXT, '"two"');
    assert.equal(await artifactDigest(artifact), sha256Of(NEXT));
  });

  it("is not taken from what other headers were given", async () => {
    server.serve("/private.jar", JOB, '"p"');
    await examineJar(at(server.url("/private.jar"), { httpHeaders: { A: "1" } }));
    await examineJar(at(server.url("/private.jar"), { httpHeaders: { A: "2" } }));
    assert.equal(server.seen.at(-1)?.headers["if-none-match"], undefined);
  });

  it("is read each time where the server names no version, or only a weak one", async () => {
    for (const etag of [undefined, 'W/"weak"']) {
      server.serve("/untagged.jar", JOB, etag);
      assert.equal(await artifactDigest(at(server.url("/untagged.jar"))), sha256Of(JOB));
      server.serve("/untagged.jar", NEXT, etag);
      assert.equal(await artifactDigest(at(server.url("/untagged.jar"))), sha256Of(NEXT));
    }
  });

  it("is not asked for again once a pinned jar was seen", async () => {
    server.serve("/seen.jar", JOB);
    const artifact = at(server.url("/seen.jar"), { sha256: sha256Of(JOB) });
    await examineJar(artifact);
    const requests = server.seen.length;
    assert.deepEqual(await examineJar(artifact), {
      sha256: sha256Of(JOB),
      sizeBytes: JOB.length,
      mainClass: "A",
      entryClass: "A",
      hasEntryClass: "yes",
    });
    assert.equal(server.seen.length, requests);
  });
});
