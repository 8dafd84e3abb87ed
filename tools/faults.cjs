/**
 * `npm run test:faults`: runs every transition of a deployment on real Flink with each fault at each of its requests.
 *
 * `--sample N` at least N cases; `--case TEXT` those whose name has it; `--seed N`; `--flink VERSION`; `--table FILE`.
 */
const path = require("node:path");
const { ensureBuilt, ensureInstalled, main, requireTools, root, say } = require("./setup.cjs");

main(async () => {
  requireTools();
  await ensureInstalled();
  await ensureBuilt();
  say("obtaining the Pulumi CLI (the first build takes some minutes)");
  await require("./pulumiCli.cjs").obtainPulumi({ log: console.log });
  say("obtaining Flink and the counting job");
  const { main: runFaults } = require(path.join(root, "bin/tests/faults/main"));
  return runFaults(process.argv.slice(2));
});
