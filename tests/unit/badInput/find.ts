import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { checkCluster } from "../../../components/kubernetes/check";
import type { InputFailure } from "../../../provider/checks/issues";
import { checkArtifact } from "../../../provider/deployment/checkArtifact";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";
import { checkProcesses } from "../../../provider/localProcesses/check";
import { checkSavepoint } from "../../../provider/savepoint/check";
import { repositoryRoot } from "../../rig/repository";
import { Folder, jar } from "../artifacts/jars";
import { inputsWith } from "../deployment/inputsFixture";
import type { BadInput } from "./row";

/** What is said of these arguments, as `property: reason`. */
export async function found({ of, args, name = "orders", isWarning }: BadInput): Promise<string[]> {
  const { failures, warnings } = await checked(of, typeof args === "function" ? args(await library()) : args, name);
  const lines = isWarning === true ? warnings : failures.map(({ property, reason }) => `${property}: ${reason}`);
  return lines.map((line) => line.replaceAll(repositoryRoot, "…").replaceAll(tmpdir(), "…"));
}

/** A jar of a test of its own, for as long as this process lives. */
async function library(): Promise<string> {
  const folder = await Folder.make();
  process.once("exit", () => rmSync(folder.path, { recursive: true, force: true }));
  return `file://${await folder.write("library.jar", jar(["org.example.Library"]))}`;
}

interface Checked {
  readonly failures: readonly InputFailure[];
  readonly warnings: readonly string[];
}

async function checked(of: BadInput["of"], args: Record<string, unknown>, name: string): Promise<Checked> {
  switch (of) {
    case "FlinkDeployment":
      return deployment(args);
    case "FlinkEndpoint":
      return deployment({ cluster: args });
    case "SessionCluster":
      return checkCluster(name, { flinkVersion: "1.20.0", ...args });
    case "Savepoint":
      return checkSavepoint(args);
    case "LocalCluster": {
      const made = { directory: "clusters", fingerprint: "f", incarnation: "i" };
      return { ...(await checkProcesses({ flinkVersion: "1.20.0", ...made, ...args })), warnings: [] };
    }
  }
}

async function deployment(args: Record<string, unknown>): Promise<Checked> {
  const { inputs, failures, warnings } = checkDeploymentInputs(inputsWith(args));
  if (!("artifact" in args) || failures.length > 0) return { failures, warnings };
  return checkArtifact(inputs);
}
