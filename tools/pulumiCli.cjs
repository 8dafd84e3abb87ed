/**
 * A Pulumi CLI for this checkout: the one on PATH, or the pinned one of tools/pulumi-cli, built with Go and cached.
 *
 * Plain JavaScript: it runs before anything is compiled.
 */
const { execFile, spawn } = require("node:child_process");
const fs = require("node:fs/promises");
const os = require("node:os");
const path = require("node:path");
const { clearInterval, setInterval } = require("node:timers");
const { promisify } = require("node:util");
const semver = require("semver");

const oldestUsable = "3.200.0";
const cliModule = path.join(__dirname, "pulumi-cli");
const windows = process.platform === "win32";
const cliName = windows ? "pulumi.exe" : "pulumi";
const launcherName = windows ? "pulumi-resource-pulumi-nodejs.cmd" : "pulumi-resource-pulumi-nodejs";
const heartbeatMs = 15_000;

/**
 * The path of a usable Pulumi CLI. The first call on a machine without one builds it, which takes minutes.
 *
 * @param {{ log?: (line: string) => void, env?: NodeJS.ProcessEnv }} [options] where progress goes (default: standard
 *   error) and the environment that PATH, HOME and XDG_CACHE_HOME are read from.
 * @returns {Promise<string>}
 */
async function obtainPulumi({ log = console.error, env = process.env } = {}) {
  const installed = await usableOnPath(env);
  if (installed) return installed;
  const version = await pinnedVersion();
  const home = path.join(cacheDirectory(env), "pulumi", version);
  const cli = path.join(home, "bin", cliName);
  if (!(await exists(cli))) await build(version, home, env, log);
  return cli;
}

/** Where this package keeps what it can make again: `$XDG_CACHE_HOME/pulumi-flink`, or `~/.cache/pulumi-flink`. */
function cacheDirectory(env) {
  return path.join(env.XDG_CACHE_HOME || path.join(env.HOME || os.homedir(), ".cache"), "pulumi-flink");
}

async function usableOnPath(env) {
  for (const directory of (env.PATH ?? "").split(path.delimiter).filter(Boolean)) {
    const candidate = path.resolve(directory, cliName);
    if (!(await exists(candidate))) continue;
    try {
      const asked = { env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" } };
      const { stdout } = await promisify(execFile)(candidate, ["version"], asked);
      if (semver.valid(stdout.trim()) && semver.gte(stdout.trim(), oldestUsable)) return candidate;
    } catch {
      // not a CLI that runs here: as good as none
    }
  }
  return undefined;
}

async function pinnedVersion() {
  const goMod = await fs.readFile(path.join(cliModule, "go.mod"), "utf8");
  return /github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/.exec(goMod)[1];
}

/** Builds beside the final place and renames: whoever comes second to a finished build throws its own away. */
async function build(version, home, env, log) {
  await fs.mkdir(path.dirname(home), { recursive: true });
  const workshop = await fs.mkdtemp(`${home}.building-`);
  try {
    log(
      `No Pulumi CLI >= ${oldestUsable} on PATH: building ${version} with Go, once, into ${home} (about 3 minutes) ...`,
    );
    const bin = path.join(workshop, "bin");
    await goBuild(version, path.join(bin, cliName), env, log);
    const sdk = path.dirname(require.resolve("@pulumi/pulumi/package.json"));
    await fs.copyFile(path.join(sdk, launcherName), path.join(bin, launcherName));
    await fs.chmod(path.join(bin, launcherName), 0o755);
    await fs.rename(workshop, home).catch(async (error) => {
      if (!(await exists(path.join(home, "bin", cliName)))) throw error;
    });
    log(`The Pulumi CLI ${version} is in ${path.join(home, "bin")}`);
  } finally {
    await fs.rm(workshop, { recursive: true, force: true });
  }
}

function goBuild(version, output, env, log) {
  const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
  const args = [
    "build",
    "-v",
    "-trimpath",
    "-o",
    output,
    "-ldflags",
    flags,
    "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  ];
  return new Promise((resolve, reject) => {
    const go = spawn("go", args, {
      cwd: cliModule,
      env: { ...env, CGO_ENABLED: "0", GOWORK: "off" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const started = Date.now();
    const tail = [];
    let lines = 0;
    const heartbeat = setInterval(() => {
      log(`  ... ${Math.round((Date.now() - started) / 1000)} s, ${lines} packages fetched or compiled`);
    }, heartbeatMs);
    go.stderr.setEncoding("utf8").on("data", (text) => {
      const more = text.split("\n").filter(Boolean);
      lines += more.length;
      tail.push(...more);
      tail.splice(0, Math.max(0, tail.length - 20));
    });
    go.on("error", (error) => {
      clearInterval(heartbeat);
      reject(error.code === "ENOENT" ? new Error(remedy) : error);
    });
    go.on("close", (code) => {
      clearInterval(heartbeat);
      if (code === 0) resolve();
      else reject(new Error(`go build of the Pulumi CLI failed (exit ${code}):\n${tail.join("\n")}`));
    });
  });
}

const remedy =
  `There is no Pulumi CLI >= ${oldestUsable} on PATH, and no Go to build one with: ` +
  "install Pulumi (https://www.pulumi.com/docs/install/) or Go (https://go.dev/dl/), then run this again.";

async function exists(file) {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}

module.exports = { obtainPulumi, cacheDirectory };

if (require.main === module) {
  obtainPulumi().then(
    (cli) => console.log(cli),
    (error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}
