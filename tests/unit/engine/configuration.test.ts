import assert from "node:assert/strict";
import { createConfiguration, parseStackSettings } from "../../../provider/engine/configuration";
import { currentPhase, rememberPhase } from "../../../provider/engine/phase";
import { abandonSetting } from "../../../provider/values/abandonment";
import { InvalidStackConfigurationError } from "../../../provider/values/invalidStackConfigurationError";

const jobA = "a".repeat(32);
const jobB = "b".repeat(32);

function parse(values: Record<string, string>, environment: Record<string, string> = {}) {
  return parseStackSettings((key) => values[key], environment);
}

describe("the stack's configuration", () => {
  it("has a default for every setting", () => {
    assert.deepEqual(parse({}), { abandonJobs: [], observeInPreview: true });
    assert.deepEqual(parse({ "flink:abandonJobs": "", "flink:observeInPreview": "" }), parse({}));
  });

  it("takes job ids as a JSON array or with commas between them", () => {
    for (const text of [`["${jobA}","${jobB}"]`, `${jobA},${jobB}`, ` ${jobA} , ${jobB.toUpperCase()}, ${jobA}`]) {
      assert.deepEqual(parse({ "flink:abandonJobs": text }).abandonJobs, [jobA, jobB], text);
    }
    assert.deepEqual(parse({ "flink:abandonJobs": jobA }).abandonJobs, [jobA]);
    // an id of digits alone is also a JSON number
    assert.deepEqual(parse({ "flink:abandonJobs": "1".repeat(32) }).abandonJobs, ["1".repeat(32)]);
  });

  it("refuses what is no job id and says what would be right", () => {
    for (const text of ["all", `["${jobA}", 7]`, `${jobA}0`, `{"id":"${jobA}"}`]) {
      assert.throws(
        () => parse({ "flink:abandonJobs": text }),
        (error: unknown) => {
          assert.ok(error instanceof InvalidStackConfigurationError);
          assert.match(error.message, /^flink:abandonJobs: .* is not a Flink job id \(32 hexadecimal digits\)/);
          return true;
        },
        text,
      );
    }
  });

  it("adds the job ids of the environment, which destroy always has as it is now", () => {
    const environment = { PULUMI_FLINK_ABANDON_JOBS: `${jobA},${jobB}` };
    assert.deepEqual(parse({ "flink:abandonJobs": jobA }, environment).abandonJobs, [jobA, jobB]);
    assert.throws(
      () => parse({}, { PULUMI_FLINK_ABANDON_JOBS: "all" }),
      /^\w+: PULUMI_FLINK_ABANDON_JOBS: "all" is not/,
    );
    assert.equal(abandonSetting([jobA, jobB]), `PULUMI_FLINK_ABANDON_JOBS=${jobA},${jobB}`);
  });

  it("reads observeInPreview as true or false and nothing else", () => {
    assert.equal(parse({ "flink:observeInPreview": "false" }).observeInPreview, false);
    assert.equal(parse({ "flink:observeInPreview": "True" }).observeInPreview, true);
    assert.throws(() => parse({ "flink:observeInPreview": "no" }), /flink:observeInPreview: "no" is neither/);
  });

  it("reaches hooks that are called before configure has returned, and tells each of them a bad value", async () => {
    const configuration = createConfiguration();
    assert.deepEqual(await configuration.settings(), parse({}));
    const config = {
      get: (key: string) => (key === "flink:abandonJobs" ? "all" : undefined),
      require: () => "",
    };
    const configured = configuration.configure({ config });
    await assert.rejects(configuration.settings(), InvalidStackConfigurationError);
    await configured;
    await assert.rejects(configuration.settings(), InvalidStackConfigurationError);
  });
});

describe("the phase of the provider process", () => {
  it("is unknown until the program's check has told it", () => {
    assert.equal(currentPhase(), "unknown");
    rememberPhase(true);
    assert.equal(currentPhase(), "preview");
    rememberPhase(false);
    assert.equal(currentPhase(), "update");
  });
});
