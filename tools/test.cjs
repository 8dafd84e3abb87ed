/**
 * `npm test`: sets up what is missing, runs every suite, and ends with the count of all of them.
 *
 * `npm test -- unit engine` runs the named suites alone. The suite `kubernetes` needs root, and runs only when named.
 */
const { spawn } = require("node:child_process");
const { readdirSync } = require("node:fs");
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

/** Those that run on any machine. */
const DEFAULT_SUITES = Object.keys(SUITES).filter((suite) => suite !== "kubernetes");

/** How many test files run at once: they wait more than they do, but more would be in each other's way on two cores. */
const LANES = 2;

/** Sequences of the model test: ten times as many as in `npm run verify`. */
const MODEL_RUNS = "2000";

/** Runs test files and counts their tests; mocha prints as it goes, each line behind the label. */
function runMocha(label, pattern, env = {}) {
  return new Promise((resolve, reject) => {
    const mocha = path.join(root, "node_modules/mocha/bin/mocha.js");
    const child = spawn(process.execPath, [mocha, pattern], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true", ...env },
    });
    let output = "";
    readline.createInterface({ input: child.stdout }).on("line", (line) => {
      output += `${line}\n`;
      console.log(`${label} | ${line}`);
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

/** Runs the files of a suite, some at a time, each in a process of its own. */
async function runFiles(suite, env = {}) {
  const folder = `bin/tests/${suite}`;
  const files = readdirSync(path.join(root, folder)).filter((name) => name.endsWith(".test.js"));
  const counts = [];
  const lane = async () => {
    for (let file = files.shift(); file !== undefined; file = files.shift()) {
      counts.push(await runMocha(file.replace(".test.js", ""), `${folder}/${file}`, env));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return counts.reduce(add);
}

/** Runs the files of a suite on one Kubernetes. */
async function runOnKubernetes(suite) {
  const { startKubernetes } = require(path.join(root, "bin/tests/rig/kubernetes"));
  const cluster = await startKubernetes();
  try {
    return await runFiles(suite, { PULUMI_FLINK_TESTS_KUBERNETES: JSON.stringify(cluster.location) });
  } finally {
    await cluster.stop();
  }
}

function runSuite(name) {
  say(`${name}: ${SUITES[name]}`);
  switch (name) {
    case "unit":
      // Hundreds of files that take no time each.
      return runMocha(name, "bin/tests/unit/**/*.test.js", { MODEL_RUNS: process.env.MODEL_RUNS ?? MODEL_RUNS });
    case "kubernetes":
      return runOnKubernetes(name);
    default:
      return runFiles(name);
  }
}

function add(one, other) {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed };
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
  say("building the tests' jobs");
  await buildCountingJob();
  if (suites.includes("flink")) {
    await require(path.join(root, "bin/tests/rig/dependentJob")).buildDependentJob();
    say("obtaining an S3 server (the first build takes a minute)");
    const { obtainObjectStorageServer } = require(path.join(root, "bin/tests/rig/kubernetes/objectStorage"));
    await obtainObjectStorageServer((line) => console.log(line));
  }
}

main(async () => {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((suite) => !(suite in SUITES));
  if (unknown.length > 0) {
    throw new SetupError(`No suite ${unknown.join(", ")}: the suites are ${Object.keys(SUITES).join(", ")}.`);
  }
  const suites = asked.length > 0 ? asked : DEFAULT_SUITES;
  requireTools({ go: suites.includes("flink") });
  await ensureInstalled();
  await ensureBuilt();
  await prepare(suites);
  let total = { passed: 0, failed: 0 };
  for (const suite of suites) total = add(total, await runSuite(suite));
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});
