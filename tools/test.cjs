/**
 * `npm test`: sets up what is missing, runs every suite, and ends with the count of all of them.
 *
 * `npm test -- unit engine` runs the named suites alone. The suite `kubernetes` needs root, and runs only when named.
 */
const { spawn } = require("node:child_process");
const path = require("node:path");
const readline = require("node:readline");
const { ensureBuilt, ensureInstalled, main, requireTools, root, say, SetupError } = require("./setup.cjs");

/** In the order in which they run: the cheap ones first. */
const SUITES = {
  unit: "modules on their own, hooks against a fake Flink",
  contract: "the fake Flink and real Flink held to one contract",
  flink: "deployments and clusters on real Flink",
  engine: "resources under the real Pulumi engine",
  kubernetes: "a real Kubernetes, and the real Pulumi engine on it",
};

/**
 * What runs one after the other; within it, lanes that run side by side: their suites wait for Flink and Pulumi more than
 * they keep a processor busy.
 */
const STAGES = [[["unit"]], [["contract", "flink"], ["engine"]], [["kubernetes"]]];

/** Those that run on any machine. */
const DEFAULT_SUITES = Object.keys(SUITES).filter((suite) => suite !== "kubernetes");

/** Runs one suite and counts its tests; mocha prints as it goes, each line behind the suite's name. */
function runSuite(name) {
  say(`${name}: ${SUITES[name]}`);
  return new Promise((resolve, reject) => {
    const mocha = path.join(root, "node_modules/mocha/bin/mocha.js");
    const child = spawn(process.execPath, [mocha, `bin/tests/${name}/**/*.test.js`], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    let output = "";
    readline.createInterface({ input: child.stdout }).on("line", (line) => {
      output += `${line}\n`;
      console.log(`${name} | ${line}`);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      const count = (word) => Number(new RegExp(`^\\s+(\\d+) ${word}\\b`, "m").exec(output)?.[1] ?? 0);
      const failed = count("failing");
      // A run that ended badly without counting a failure is one.
      resolve({ passed: count("passing"), failed: code !== 0 && failed === 0 ? 1 : failed });
    });
  });
}

/** Fetches and builds what the suites share, so that no test's time limit has to. */
async function prepare(suites) {
  if (suites.every((suite) => suite === "unit")) return;
  const { obtainFlink } = require(path.join(root, "bin/provider/local"));
  const { buildCountingJob } = require(path.join(root, "bin/tests/rig/countingJob"));
  const { exampleJar } = require(path.join(root, "bin/tests/rig/exampleJar"));
  const { SUPPORTED_VERSIONS } = require(path.join(root, "bin/tests/rig/flink"));
  if (suites.includes("kubernetes")) {
    const { missingPrerequisite } = require(path.join(root, "bin/tests/rig/kubernetes/prerequisites"));
    const missing = await missingPrerequisite();
    if (missing !== undefined) throw new SetupError(missing);
  }
  if (suites.includes("engine") || suites.includes("kubernetes")) {
    say("obtaining the Pulumi CLI (the first build takes some minutes)");
    await require("./pulumiCli.cjs").obtainPulumi({ log: console.log });
  }
  for (const version of SUPPORTED_VERSIONS) {
    say(`obtaining Flink ${version} and its example`);
    await obtainFlink(version);
    await exampleJar(version);
  }
  if (suites.includes("kubernetes")) {
    say("obtaining Kubernetes (the first build takes some minutes)");
    await require(path.join(root, "bin/tests/rig/kubernetes")).obtainKubernetes((line) => console.log(line));
  }
  say("building the counting job");
  await buildCountingJob();
}

main(async () => {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((suite) => !(suite in SUITES));
  if (unknown.length > 0) {
    throw new SetupError(`No suite ${unknown.join(", ")}: the suites are ${Object.keys(SUITES).join(", ")}.`);
  }
  const suites = asked.length > 0 ? asked : DEFAULT_SUITES;
  requireTools();
  await ensureInstalled();
  await ensureBuilt();
  await prepare(suites);
  const total = { passed: 0, failed: 0 };
  const runLane = async (lane) => {
    for (const suite of lane.filter((name) => suites.includes(name))) {
      const { passed, failed } = await runSuite(suite);
      total.passed += passed;
      total.failed += failed;
    }
  };
  for (const lanes of STAGES) await Promise.all(lanes.map(runLane));
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});
