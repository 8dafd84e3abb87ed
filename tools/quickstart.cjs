/**
 * `npm run quickstart`: the main job from a fresh clone. Sets up what is missing, then takes examples/quickstart
 * through the life of a deployment on the real Pulumi engine, with its state in a folder of this checkout.
 *
 * `--keep` leaves the last state running and prints where to see it; `--destroy` ends what was kept.
 */
const { setMaxListeners } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { ensureBuilt, ensureInstalled, main, requireTools, root, say, SetupError } = require("./setup.cjs");

const FLINK_VERSION = "1.20.0";
const HOME = path.join(root, ".pulumi-flink", "quickstart");
const CLUSTERS = path.join(HOME, "clusters");

const START = { flinkVersion: FLINK_VERSION, windowSize: 10, state: "RUNNING", restartDelay: "1 s" };

/** What the user of a deployment does to it, one change after another. */
const STEPS = [
  { name: "start", change: {} },
  { name: "upgrade (arguments)", change: { windowSize: 20 } },
  { name: "suspend", change: { state: "SUSPENDED" } },
  { name: "resume", change: { state: "RUNNING" } },
  { name: "replace the cluster", change: { restartDelay: "2 s" } },
];

/** Asked by Ctrl-C or SIGTERM to end. */
const ending = new AbortController();
// Every Pulumi command listens to it.
setMaxListeners(0, ending.signal);
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    if (!ending.signal.aborted) say("ending: everything that was started is taken down");
    ending.abort();
  });
}

function stopIfAsked() {
  if (ending.signal.aborted) throw new SetupError("Interrupted.");
}

async function prepare() {
  requireTools();
  await ensureInstalled();
  await ensureBuilt();
  stopIfAsked();
  const { obtainPulumi } = require("./pulumiCli.cjs");
  say("looking for the Pulumi CLI (without one on PATH the pinned one is built, once, in some minutes)");
  const cli = await obtainPulumi({ log: console.log });
  stopIfAsked();
  const { obtainFlink } = require(path.join(root, "bin/provider/local"));
  const { exampleJar } = require(path.join(root, "bin/examples/quickstart/exampleJar"));
  say(`obtaining Flink ${FLINK_VERSION} and its example job with Maven`);
  await obtainFlink(FLINK_VERSION);
  const folder = path.join(root, ".pulumi-flink");
  fs.mkdirSync(folder, { recursive: true });
  return { cli, jar: exampleJar(FLINK_VERSION, folder) };
}

/** The stack, its state in a folder of this checkout; the program is called with the settings of each step. */
async function openStack({ cli, jar }) {
  const { LocalWorkspace, PulumiCommand } = require("@pulumi/pulumi/automation");
  const { quickstart } = require(path.join(root, "bin/examples/quickstart/program"));
  const backend = path.join(HOME, "state");
  const workDir = path.join(HOME, "project");
  for (const folder of [backend, workDir]) fs.mkdirSync(folder, { recursive: true });
  const settings = { ...START, jar, directory: CLUSTERS };
  const program = () => Promise.resolve(quickstart(settings));
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "dev", projectName: "quickstart", program },
    {
      pulumiCommand: await PulumiCommand.get({ root: path.dirname(path.dirname(cli)) }),
      workDir,
      pulumiHome: path.join(HOME, "pulumi"),
      projectSettings: {
        name: "quickstart",
        runtime: "nodejs",
        // The provider's process runs there, and finds this package by its own name.
        main: root,
        backend: { url: `file://${backend}` },
      },
      envVars: { PULUMI_CONFIG_PASSPHRASE: "quickstart", PULUMI_SKIP_UPDATE_CHECK: "true" },
    },
  );
  return { stack, settings };
}

const display = () => ({
  onOutput: (text) => process.stdout.write(text),
  color: process.stdout.isTTY ? "always" : "never",
});

/** What a step came to, for the table. */
async function facts(stack) {
  const { deployment } = await stack.exportStack();
  const outputs = deployment.resources?.find(({ type }) => type.endsWith("flink:FlinkDeployment"))?.outputs ?? {};
  const [job] = outputs.jobs ?? [];
  const savepoint = outputs.jobId === undefined ? outputs.latestSavepoint : job?.restoredFrom;
  return { savepoint: savepoint ?? "-", jobId: outputs.jobId ?? "-" };
}

async function go({ stack, settings }, rows) {
  for (const { name, change } of STEPS) {
    stopIfAsked();
    Object.assign(settings, change);
    const words = Object.entries(change).map(([key, value]) => `${key}: ${value}`);
    say(`${name}${words.length === 0 ? "" : ` (${words.join(", ")})`}: pulumi preview`);
    await stack.preview({ ...display(), signal: ending.signal });
    stopIfAsked();
    say(`${name}: pulumi up`);
    const began = Date.now();
    await stack.up({ ...display(), signal: ending.signal });
    rows.push({ step: name, seconds: (Date.now() - began) / 1000, ...(await facts(stack)) });
  }
}

async function destroy({ stack }, options = display()) {
  const began = Date.now();
  await stack.destroy(options);
  return { step: "destroy", seconds: (Date.now() - began) / 1000, savepoint: "-", jobId: "-" };
}

/** Takes down whatever there is, also after a run that was cut off in the middle. */
async function takeDown(opened) {
  if (!fs.existsSync(HOME)) return;
  if (opened !== undefined) {
    await opened.stack.cancel().catch(() => {});
    await opened.stack.destroy().catch(() => {});
  }
  const { stopCluster } = require(path.join(root, "bin/provider/local"));
  for (const directory of clusterDirectories()) await stopCluster(directory);
  fs.rmSync(HOME, { recursive: true, force: true });
}

function clusterDirectories() {
  if (!fs.existsSync(CLUSTERS)) return [];
  return fs.readdirSync(CLUSTERS).map((name) => path.join(CLUSTERS, name));
}

function printTable(rows) {
  const cells = [
    ["step", "duration", "savepoint", "job id"],
    ...rows.map(({ step, seconds, savepoint, jobId }) => [
      step,
      `${seconds.toFixed(1)} s`,
      path.basename(savepoint),
      jobId,
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  console.log();
  for (const row of cells)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    );
}

main(async () => {
  const flags = process.argv.slice(2);
  const wrong = flags.find((flag) => !["--keep", "--destroy"].includes(flag));
  if (wrong !== undefined) throw new SetupError(`Unknown option ${wrong}: there are --keep and --destroy.`);
  let opened;
  let kept = false;
  const rows = [];
  try {
    const prepared = await prepare();
    if (fs.existsSync(HOME)) {
      say("taking down what an earlier quickstart left");
      await takeDown(await openStack(prepared));
    }
    if (flags.includes("--destroy")) return 0;
    opened = await openStack(prepared);
    await go(opened, rows);
    stopIfAsked();
    if (flags.includes("--keep")) {
      kept = true;
      const { flink } = await opened.stack.outputs();
      printTable(rows);
      console.log(`\nStill running. Flink's web page: ${flink.value}\nEnd it with: npm run quickstart -- --destroy`);
      return 0;
    }
    say("pulumi destroy");
    rows.push(await destroy(opened, { ...display(), signal: ending.signal }));
    printTable(rows);
    return 0;
  } catch (error) {
    if (ending.signal.aborted) throw new SetupError("Interrupted.");
    if (error instanceof SetupError) throw error;
    throw new SetupError(`The quickstart failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    if (!kept) await takeDown(opened);
  }
});
