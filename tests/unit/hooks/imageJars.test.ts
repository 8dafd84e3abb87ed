import assert from "node:assert/strict";
import { imageJarName } from "../../../provider/values/imageJar";
import { mutations, prepare, useRig } from "./fixture";

const PATH = "/opt/flink/usrlib/orders.jar";

describe("the hooks of a FlinkDeployment whose jar lies in its cluster's image", () => {
  const rig = useRig();

  it("run it without an upload, and leave it there", async () => {
    const { flink, stack, program } = await prepare(rig);
    await flink.placeJar(imageJarName(PATH));
    const wanted = program({ artifact: { jarUri: `local://${PATH}`, mainArgs: ["v1"] } });
    assert.deepEqual((await stack.preview(wanted)).failures, []);
    await stack.up(wanted);
    await stack.up({ ...wanted, artifact: { jarUri: `local://${PATH}`, mainArgs: ["v2"] } });
    assert.deepEqual(flink.activeJobs()[0]?.submission?.programArgs, ["v2"]);
    await stack.destroy();
    assert.deepEqual(
      mutations(flink).filter((each) => /upload|DELETE/.test(each)),
      [],
    );
    assert.equal(flink.jars.length, 1);
  });

  it("change nothing where the cluster does not offer it, and say who does", async () => {
    const { flink, stack, program } = await prepare(rig);
    const message = await stack.failingUp(program({ artifact: { jarUri: `local://${PATH}` } }));
    assert.match(
      message,
      /does not offer local:\/\/\/opt\/flink\/usrlib\/orders\.jar.*localArtifacts.*FLINK_ARTIFACT_NOT_IN_IMAGE/s,
    );
    assert.deepEqual(mutations(flink), []);
  });
});
