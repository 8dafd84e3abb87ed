/**
 * A scriptable Flink session cluster on loopback, which speaks Flink's REST API and nothing else.
 *
 * `tests/contract` holds it to the answers of real Flink. It is deterministic: its clock is the polls of its clients.
 */
import type { ServerOptions } from "node:https";
import { Cluster } from "./cluster";
import { Faults, type Fault } from "./faults";
import { InProcessServer, type Network } from "./inProcess";
import { FakeJob } from "./job";
import { answer } from "./routes";
import { RequestLog, RestServer } from "./server";
import type { Script } from "./script";
import { canonicalPath, FakeStorage } from "./storage";
import {
  isTerminal,
  type FaultEffect,
  type FaultMatcher,
  type FlinkVersion,
  type JobStatus,
  type LoggedRequest,
  type RunOutcome,
  type Settle,
  type Submission,
} from "./types";
import { makeJar, readJar } from "./jars";
import { readUpload } from "./upload";

export { makeJar };
export { FakeStorage } from "./storage";
export type { FakeJob } from "./job";
export type { Network } from "./inProcess";
export type { RunOutcome } from "./types";

export interface FakeFlinkOptions {
  /** Default: 1.20.0. */
  version?: FlinkVersion;
  /** Default: 4. */
  slots?: number;
  /** Default: 1. */
  taskManagers?: number;
  /** Their hosts, in turn. Default: this machine. */
  taskManagerHosts?: readonly string[];
  /** The cluster's configuration. Default: directories for checkpoints and savepoints, RETAIN_ON_CANCELLATION not set. */
  configuration?: Record<string, string>;
  /** Give two clusters the same one to let them share their durable storage. */
  storage?: FakeStorage;
  /** Default: 1. */
  settle?: Settle;
  tls?: ServerOptions;
  /** The clock of its caches, in milliseconds. Default: that of this machine. */
  now?: () => number;
  /** A path in front of every route, such as that of a proxy. */
  basePath?: string;
  /** No server: requests of this process reach the fake through this, and nothing of `tls`, `basePath` and `fault` applies. */
  network?: Network;
}

/** A job that is on the cluster already. */
interface AddedJob {
  /** Default: one of the fake's making. */
  id?: string;
  name?: string;
  /** Default: RUNNING, with all tasks. */
  status?: JobStatus;
  parallelism?: number;
  jobType?: "STREAMING" | "BATCH";
  flinkConfiguration?: Record<string, string>;
  /** How many checkpoints it has completed. Default: 0. */
  checkpoints?: number;
  /** Its progress before the first of them. Default: 0. */
  count?: number;
  /** What becomes of it, as in `script.run`. */
  fate?: RunOutcome;
}

const DEFAULT_CONFIGURATION = {
  "execution.checkpointing.dir": "file:///checkpoints",
  "execution.checkpointing.savepoint-dir": "file:///savepoints",
};

export class FakeFlink {
  readonly #cluster: Cluster;
  readonly #faults = new Faults();
  readonly #log = new RequestLog();
  #server: RestServer | InProcessServer | undefined;
  /** What every request's Authorization header must be; others are answered with 401. Default: none. */
  authorization: string | undefined;

  private constructor(options: FakeFlinkOptions) {
    this.#cluster = new Cluster({
      version: options.version ?? "1.20.0",
      slots: options.slots ?? 4,
      taskManagers: options.taskManagers ?? 1,
      taskManagerHosts: options.taskManagerHosts ?? ["127.0.0.1"],
      configuration: options.configuration ?? DEFAULT_CONFIGURATION,
      storage: options.storage ?? new FakeStorage(),
      settle: options.settle ?? 1,
      now: () => Math.floor(options.now?.() ?? Date.now()),
    });
  }

  /** Starts one on a free port of loopback. Close it. */
  static async start(options: FakeFlinkOptions = {}): Promise<FakeFlink> {
    const flink = new FakeFlink(options);
    const { network } = options;
    if (network !== undefined) {
      flink.#server = new InProcessServer({
        network,
        answer: (method, url, contentType, raw) =>
          answer(method, url, { cluster: flink.#cluster, address: flink.url, contentType, raw }),
      });
      return flink;
    }
    flink.#server = await RestServer.start({
      ...(options.tls !== undefined && { tls: options.tls }),
      basePath: options.basePath ?? "",
      authorization: () => flink.authorization,
      faultOf: (method, path) => flink.#faults.take(method, path),
      log: async (method, path, headers, raw) =>
        flink.#log.add({ method, path, headers: { ...headers }, body: await describe(raw, headers["content-type"]) }),
      answer: (method, url, contentType, raw) =>
        answer(method, url, { cluster: flink.#cluster, address: flink.url, contentType, raw }),
    });
    return flink;
  }

  /** Where it listens, until it is closed. */
  get url(): string {
    if (this.#server === undefined) throw new Error("the fake is not started");
    return this.#server.url;
  }

  /** Cuts every connection and stops listening: from then on the cluster is unreachable. */
  async close(): Promise<void> {
    await this.#server?.close();
  }

  get version(): FlinkVersion {
    return this.#cluster.settings.version;
  }

  get storage(): FakeStorage {
    return this.#cluster.settings.storage;
  }

  /** How fast things settle; may be changed at any time. */
  get settle(): Settle {
    return this.#cluster.settle;
  }

  set settle(settle: Settle) {
    this.#cluster.settle = settle;
  }

  /**
   * How long the same answer is given of `/jobs/:id`, of its `checkpoints` and of its `exceptions`, as Flink does for
   * `web.refresh-interval`. `/jobs/:id/status` and the lists are never old. Milliseconds. Default: 0.
   */
  get refreshIntervalMs(): number {
    return this.#cluster.refreshIntervalMs;
  }

  set refreshIntervalMs(milliseconds: number) {
    this.#cluster.refreshIntervalMs = milliseconds;
  }

  /** Ends now what is under way and can end. */
  settleNow(): void {
    for (const job of this.jobs.values()) while (job.transitions.some(ends)) job.settle();
  }

  /** What becomes of submissions and savepoints; assign to its fields. */
  get script(): Script {
    return this.#cluster.script;
  }

  /** Every job that the cluster shows, ended ones included. */
  get jobs(): ReadonlyMap<string, FakeJob> {
    return this.#cluster.jobs;
  }

  /** One job, for a look or a change; throws when there is none. */
  job(id: string): FakeJob {
    const job = this.#cluster.jobs.get(id);
    if (job === undefined) throw new Error(`the fake has no job ${id}`);
    return job;
  }

  activeJobs(): FakeJob[] {
    return this.#cluster.activeJobs();
  }

  /** A jar that was there before anybody uploaded one, as those of an image are. */
  async placeJar(name: string): Promise<void> {
    const jar = await readJar(name, makeJar());
    this.#cluster.jars.set(jar.id, jar);
  }

  /** The jars it holds, oldest first. */
  get jars(): readonly { id: string; name: string; content: Buffer }[] {
    return [...this.#cluster.jars.values()];
  }

  /** Every submission that became a job, oldest first. */
  get submissions(): readonly Submission[] {
    return this.#cluster.submissions;
  }

  /** Every request, oldest first, also those that met a fault. */
  get requests(): readonly LoggedRequest[] {
    return this.#log.requests;
  }

  /** Waits until a matching request has come. */
  received(matcher: FaultMatcher, limitMs = 10_000): Promise<LoggedRequest> {
    return this.#log.received(matcher, limitMs);
  }

  /** Sets a fault; without `nth` it applies until it is removed. */
  fault(matcher: FaultMatcher, effect: FaultEffect): Fault {
    return this.#faults.add(matcher, effect);
  }

  addJob(settings: AddedJob = {}): FakeJob {
    const job = new FakeJob({
      id: settings.id ?? this.#cluster.generateId(),
      name: settings.name ?? "Flink Streaming Job",
      parallelism: settings.parallelism ?? 1,
      ...(settings.jobType !== undefined && { jobType: settings.jobType }),
      configuration: { ...this.#cluster.settings.configuration, ...settings.flinkConfiguration },
      storage: this.storage,
      now: this.#cluster.settings.now,
    });
    this.#cluster.addJob(job);
    job.schedule("CREATED");
    job.count = settings.count ?? 0;
    job.fate = settings.fate ?? "run";
    job.work(settings.checkpoints ?? 0);
    const status = settings.status ?? "RUNNING";
    if (isTerminal(status)) job.end(status);
    else job.status = status;
    return job;
  }

  /** Puts a snapshot into storage that no job of this cluster has made. */
  addSnapshot(path: string, count: number, options: { isSavepoint?: boolean; jobId?: string } = {}): void {
    const jobId = options.jobId ?? this.#cluster.generateId();
    this.storage.add({
      path: canonicalPath(path),
      jobId,
      lineage: jobId,
      count,
      checkpointId: 1,
      isSavepoint: options.isSavepoint ?? true,
    });
  }

  /** As after `rest.async.store-duration`: results of savepoints are gone. */
  forgetTriggers(): void {
    this.#cluster.operations.forget();
  }

  /** As after `jobstore.expiration-time`: ended jobs are gone, and their ids remembered. */
  forgetArchive(): void {
    this.#cluster.forgetArchive();
  }

  /**
   * As after a crash of the JobManager: jars, triggers and ended jobs (their ids as well) are forgotten. Running jobs go
   * on from their newest checkpoint, or, without high availability, are lost; their checkpoints stay in storage.
   *
   * @param options - keepsResults: jobs that had just ended are shown still, though not what they left. Default false.
   */
  restartJobManager(options: { highAvailability?: boolean; keepsResults?: boolean } = {}): void {
    this.#cluster.restart(options.highAvailability ?? true, options.keepsResults ?? false);
  }
}

function ends(transition: { remaining: number }): boolean {
  return transition.remaining !== Infinity;
}

async function describe(raw: Buffer, contentType = ""): Promise<unknown> {
  const file = await readUpload(raw, contentType).catch(() => undefined);
  if (file !== undefined) return { file: file.name, size: file.content.length };
  const text = raw.toString("utf8");
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
