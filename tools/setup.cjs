/**
 * What the commands of a fresh checkout need before they can run: dependencies, compiled code, and the tools that this
 * machine must have. Plain JavaScript without dependencies, for it runs before any is installed.
 */
const { createHash } = require("node:crypto");
const { spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.join(__dirname, "..");

/** A thing that the user has to mend, said in one line. */
class SetupError extends Error {}

/** Prints what is going on, apart from what programs print. */
function say(line) {
  console.log(`==> ${line}`);
}

/** Runs a program of this checkout to its end; its output is the user's. */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
  });
}

/** Installs the locked dependencies unless they are there. */
async function ensureInstalled() {
  const lock = createHash("sha256")
    .update(fs.readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  const stamp = path.join(root, "node_modules", ".pulumi-flink-lock");
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === lock) return;
  say("installing dependencies (npm ci)");
  // Nothing is run by an install: the build comes next, said in words.
  if ((await run("npm", ["ci", "--ignore-scripts", "--no-progress"])) !== 0) {
    throw new SetupError("npm ci failed: see its message above.");
  }
  fs.writeFileSync(stamp, lock);
}

/** Compiles into bin/, from nothing, so that no file of a deleted module is left. */
async function ensureBuilt() {
  say("compiling");
  fs.rmSync(path.join(root, "bin"), { recursive: true, force: true });
  if (
    (await run(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"])) !== 0
  ) {
    throw new SetupError("Compiling failed: see the compiler's messages above.");
  }
  require("./deploymentSchema.cjs");
}

const REMEDIES = {
  java: "Java is not on PATH: install a JDK 17 (Flink runs on 11 to 21).",
  mvn: "Maven is not on PATH: install Maven (it fetches Flink and the example job).",
  go: "Go is not on PATH: install it (it builds the S3 server that the tests use).",
  cli: "Neither a Pulumi CLI 3.200 or newer nor Go is on PATH: install one of them (Go builds the pinned CLI).",
};

function isThere(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** Says in one line each what this machine lacks; `go`: also where there is a Pulumi CLI. */
function requireTools({ go = false } = {}) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const missing = [
    ...(major > 20 || (major === 20 && minor >= 19)
      ? []
      : [`Node ${process.versions.node} is too old: install Node 20.19 or newer.`]),
    ...(isThere("java", ["-version"]) ? [] : [REMEDIES.java]),
    ...(isThere("mvn", ["--version"]) ? [] : [REMEDIES.mvn]),
    ...(isThere("go", ["version"]) || (!go && isThere("pulumi", ["version"])) ? [] : [go ? REMEDIES.go : REMEDIES.cli]),
  ];
  if (missing.length > 0) throw new SetupError(missing.join("\n"));
}

/** Runs a command's main function; what the user can mend is printed without a stack. */
function main(command) {
  command().then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      console.error(error instanceof SetupError ? error.message : error);
      process.exitCode = 1;
    },
  );
}

module.exports = { root, say, run, ensureInstalled, ensureBuilt, requireTools, main, SetupError };
