import assert from "node:assert/strict";
import { runCommand } from "../../../provider/local/command";

describe("a command that a local cluster needs", () => {
  it("gets the environment without Pulumi's own part, which holds its passphrase and tokens", async () => {
    const given = { PULUMI_FLINK_BEARER_TOKEN: "token-7f", PULUMI_CONFIG_PASSPHRASE: "passphrase-7f" };
    const before = process.env;
    process.env = { ...before, ...given, OTHER: "other-7f" };
    try {
      const print = ["-e", "console.log(JSON.stringify(process.env))"];
      for (const options of [{}, { env: { ...process.env } }]) {
        const { output } = await runCommand(process.execPath, print, options);
        assert.match(output, /other-7f/);
        assert.doesNotMatch(output, /PULUMI_|token-7f|passphrase-7f/);
      }
    } finally {
      process.env = before;
    }
  });
});
