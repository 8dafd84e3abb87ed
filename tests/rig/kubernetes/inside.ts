/**
 * What runs inside the namespaces: starts Kubernetes' components, says on standard output that the node is ready, and
 * ends, and with it everything, when standard input does. Its argument is the settings as JSON.
 */
import { readFileSync } from "node:fs";
import { Agent, request } from "undici";
import { API_PORT, controlPlane, NODE_NAME, workers, type ComponentSettings } from "./components";
import { until } from "../until";
import { clusterLayout } from "./layout";
import { lastLines, startService, type Service } from "./services";
import { listenAndPass } from "./tunnel";

/** What this says on standard output, a line each. */
export type InsideMessage = { readonly kind: "ready" } | { readonly kind: "failed"; readonly why: string };

const READY_TIMEOUT_MS = 180_000;

/** Starts all components and returns when a pod could be scheduled. */
async function start(settings: ComponentSettings, onEnd: (error: Error) => void): Promise<void> {
  const { logs, socket } = clusterLayout(settings.directory);
  const run = (service: Service): void =>
    startService(service, logs, (why) => onEnd(new Error(`${why}:\n${lastLines(logs, service.name)}`)));
  const ask = apiClient(settings);
  controlPlane(settings).forEach(run);
  await until("the API server is ready", async () => (await ask("/readyz")) === "ok", READY_TIMEOUT_MS);
  await listenAndPass({ path: socket }, { host: "127.0.0.1", port: API_PORT });
  (await workers(settings)).forEach(run);
  await until("the node is ready", async () => isNodeReady(await ask(`/api/v1/nodes/${NODE_NAME}`)), READY_TIMEOUT_MS);
  await until(
    "pods have an account to run as",
    async () => (await ask("/api/v1/namespaces/default/serviceaccounts/default")).includes('"uid"'),
    READY_TIMEOUT_MS,
  );
}

/** Asks as the administrator; what cannot be had is empty. */
function apiClient({ credentials }: ComponentSettings): (path: string) => Promise<string> {
  const dispatcher = new Agent({ connect: { ca: readFileSync(credentials.authority, "utf8") } });
  const headers = { authorization: `Bearer ${credentials.administratorToken}` };
  return async (path) => {
    try {
      const { body } = await request(`https://127.0.0.1:${API_PORT}${path}`, { dispatcher, headers });
      return await body.text();
    } catch {
      return "";
    }
  };
}

function isNodeReady(text: string): boolean {
  if (text === "") return false;
  const { status } = JSON.parse(text) as { status?: { conditions?: { type: string; status: string }[] } };
  return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

function say(message: InsideMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function fail(error: unknown): void {
  say({ kind: "failed", why: error instanceof Error ? error.message : String(error) });
}

process.stdin.once("close", () => process.exit(0)).resume();
start(JSON.parse(process.argv[2] ?? "") as ComponentSettings, fail).then(() => say({ kind: "ready" }), fail);
