/**
 * `npm run kubernetes`: the tests' Kubernetes, to look around in. It runs until Ctrl-C, and leaves nothing.
 */
const path = require("node:path");
const { ensureBuilt, ensureInstalled, main, root, say, SetupError } = require("./setup.cjs");

main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  const { startKubernetes } = require(path.join(root, "bin/tests/rig/kubernetes"));
  const cluster = await startKubernetes().catch((error) => {
    throw new SetupError(error.message);
  });
  say("ready; it ends with Ctrl-C");
  console.log(`export KUBECONFIG=${cluster.kubeconfig}`);
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, resolve);
    // Signals alone keep no process.
    setTimeout(() => {}, 2 ** 31 - 1);
  });
  await cluster.stop();
  process.exit(0);
});
