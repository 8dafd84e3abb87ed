import { KubernetesClient } from "../kubernetes/client";
import type { Provider, Properties } from "./operations";

/** The provider's arguments that count here; those that are no text arrive as JSON. */
export async function connect(args: Properties, signal: AbortSignal): Promise<Provider> {
  const client = await KubernetesClient.connect(text(args["kubeconfig"]), text(args["context"]));
  return {
    client,
    namespace: text(args["namespace"]) ?? client.namespace ?? "default",
    mutability: { configMaps: flag(args["enableConfigMapMutable"]), secrets: flag(args["enableSecretMutable"]) },
    patchForce: flag(args["enablePatchForce"]),
    signal,
  };
}

/** Which of a provider's arguments make everything that it made another cluster's. */
export async function movesElsewhere(olds: Properties, news: Properties): Promise<boolean> {
  const [before, after] = await Promise.all([olds, news].map(serverOf));
  return before !== after;
}

async function serverOf(args: Properties): Promise<string | undefined> {
  try {
    const client = await KubernetesClient.connect(text(args["kubeconfig"]), text(args["context"]));
    await client.close();
    return client.server;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function flag(value: unknown): boolean {
  return value === true || value === "true";
}
