import assert from "node:assert/strict";
import { mutations, prepare, useRig } from "./fixture";

describe("the hooks of a FlinkDeployment with additional dependencies", () => {
  const rig = useRig();

  it("upgrade when one at the same path has other content, and for no other reason", async () => {
    const { flink, stack, program, jarUri } = await prepare(rig);
    const additionalDependencies = [await rig.jar("library 1", "library.jar")];
    const wanted = program({ artifact: { jarUri, additionalDependencies } });
    const { lines } = await stack.preview(wanted);
    assert.match(
      lines.map(({ text }) => text).join("\n"),
      /upload job\.jar with 1 additional dependency \(sha256 \w+\)/,
    );
    await stack.up(wanted);
    assert.equal((await stack.preview(wanted)).changes, false);
    await rig.jar("library 2", "library.jar");
    assert.equal((await stack.preview(wanted)).changes, true);
    await stack.up(wanted);
    assert.equal(flink.submissions.length, 2);
    assert.equal(flink.jars.length, 1, "the jar of the job before is gone");
    assert.equal((await stack.preview(wanted)).changes, false);
  });

  it("upgrade an asset's job, too, of which a diff knows no more than its hash", async () => {
    const { flink, stack, program } = await prepare(rig);
    const jar = await rig.jarAsset("first");
    const library = await rig.jar("library 1", "library.jar");
    const wanted = program({ artifact: { jar, additionalDependencies: [library] } });
    await stack.up(wanted);
    assert.equal((await stack.preview(wanted)).changes, false);
    await rig.jar("library 2", "library.jar");
    await stack.up(wanted);
    assert.equal(flink.submissions.length, 2);
  });

  it("say by its place which one is missing, and change nothing", async () => {
    const { flink, stack, program, jarUri } = await prepare(rig);
    const additionalDependencies = [await rig.jar("library", "library.jar"), "file:///none.jar"];
    const { failures } = await stack.preview(program({ artifact: { jarUri, additionalDependencies } }));
    assert.deepEqual(failures, ["artifact.additionalDependencies[1] does not exist: there is no file /none.jar"]);
    assert.deepEqual(mutations(flink), []);
  });

  it("hide the signature of its address in every message", async () => {
    const { stack, program, jarUri } = await prepare(rig);
    const address = `${await rig.jarServer("library", { name: "X-Key", value: "never sent" })}?signature=hunter2-7f`;
    const { failures } = await stack.preview(program({ artifact: { jarUri, additionalDependencies: [address] } }));
    assert.match(failures.join(), /additionalDependencies\[0\] cannot be fetched: .*answered 403/);
    assert.doesNotMatch(failures.join(), /hunter2/);
  });
});
