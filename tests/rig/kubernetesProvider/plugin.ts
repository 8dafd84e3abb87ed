import * as fs from "node:fs/promises";
import * as path from "node:path";

/** The version that the installed SDK asks its provider to have. */
export async function sdkVersion(): Promise<string> {
  const manifest = await fs.readFile(require.resolve("@pulumi/kubernetes/package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Puts the test-only provider where an engine with this home looks for the one of the installed SDK. */
export async function installKubernetesProvider(pulumiHome: string): Promise<void> {
  const folder = path.join(pulumiHome, "plugins", `resource-kubernetes-v${await sdkVersion()}`);
  await fs.mkdir(folder, { recursive: true });
  const server = path.join(__dirname, "server.js");
  const script = `#!/bin/sh\nexec '${process.execPath}' '${server}' "$@"\n`;
  await fs.writeFile(path.join(folder, "pulumi-resource-kubernetes"), script, { mode: 0o755 });
}
