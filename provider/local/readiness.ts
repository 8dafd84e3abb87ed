import { setTimeout as delay } from "node:timers/promises";
import { request } from "undici";
import { DIRECTORY_KEY } from "./configuration";
import { LocalStartError } from "./errors";
import { readDeath } from "./death";
import type { OnProgress } from "./progress";
import { isRunning } from "./processTable";
import { readRecord, type ProcessRecord } from "./record";

const POLL_MS = 100;
const REQUEST_TIMEOUT_MS = 5_000;

/** How long to wait, and what to watch meanwhile. */
export interface ReadyOptions {
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly onProgress?: OnProgress;
  /**
   * The local cluster's directory. With it, a process that dies ends the waiting with its log, and a TaskManager that
   * died before it was started again does not count for the new one.
   */
  readonly directory?: string;
}

/**
 * Waits until Flink answers and all slots are registered.
 *
 * @throws LocalStartError when that takes too long, or a process of the cluster dies.
 */
export async function waitUntilReady(url: string, expectedSlots: number, options: ReadyOptions): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  let last = "";
  for (;;) {
    const started = await processesOf(options.directory);
    const { ready, message } = await observe(url, expectedSlots, started);
    if (ready) {
      return;
    }
    if (message !== last) {
      options.onProgress?.(message);
      last = message;
    }
    for (const entry of started) {
      if (!(await isRunning(entry))) {
        throw (await readDeath(options.directory ?? "", entry.name)).error;
      }
    }
    if (Date.now() > deadline) {
      throw new LocalStartError(
        `Flink at ${url} was not ready after ${options.timeoutMs / 1000} s: ${message}. ` +
          (options.directory === undefined ? "" : `Its logs are in ${options.directory}/log.`),
      );
    }
    await delay(POLL_MS);
  }
}

/** Whether the Flink that answers at this URL is the one of this directory. */
export async function answersFor(url: string, directory: string): Promise<boolean> {
  const settings = await getJson(`${url}/jobmanager/config`);
  return (
    Array.isArray(settings) &&
    settings.some((entry: unknown) => field(entry, "key") === DIRECTORY_KEY && field(entry, "value") === directory)
  );
}

async function processesOf(directory: string | undefined): Promise<readonly ProcessRecord[]> {
  return directory === undefined ? [] : ((await readRecord(directory))?.processes ?? []);
}

async function observe(
  url: string,
  expectedSlots: number,
  started: readonly ProcessRecord[],
): Promise<{ ready: boolean; message: string }> {
  const list = field(await getJson(`${url}/taskmanagers`), "taskmanagers");
  if (!Array.isArray(list)) {
    return { ready: false, message: "waiting for Flink's REST API" };
  }
  const registered = list.filter((entry: unknown) => isCurrent(entry, started));
  const slots = registered.reduce((sum: number, entry: unknown) => sum + Number(field(entry, "slotsNumber") ?? 0), 0);
  const missing = started.filter(
    ({ name }) => name !== "jobmanager" && !registered.some((entry: unknown) => field(entry, "id") === name),
  );
  return {
    ready: slots >= expectedSlots && missing.length === 0,
    message: `waiting for TaskManagers: ${slots} of ${expectedSlots} slots registered`,
  };
}

/** Flink shows a TaskManager that died until a heartbeat is missed: under its successor's name, with another port. */
function isCurrent(entry: unknown, started: readonly ProcessRecord[]): boolean {
  const ports = started.find(({ name }) => name === field(entry, "id"))?.rpcPorts;
  const port = /:(\d+)\//.exec(String(field(entry, "path")))?.[1];
  return ports === undefined || port === undefined || ports.includes(Number(port));
}

async function getJson(url: string): Promise<unknown> {
  try {
    const { statusCode, body } = await request(url, {
      headersTimeout: REQUEST_TIMEOUT_MS,
      bodyTimeout: REQUEST_TIMEOUT_MS,
    });
    const text = await body.text();
    return statusCode === 200 ? JSON.parse(text) : undefined;
  } catch {
    return undefined; // not there yet
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
