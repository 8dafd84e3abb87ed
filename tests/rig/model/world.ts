import type { DeploymentOutputs } from "../../../provider/deployment/outputs";
import { Stack, type Arguments, type Rig } from "../deploymentRuns";
import { FakeFlink, FakeStorage, type FakeJob, type RunOutcome } from "../fakeFlink";
import type { FakeSnapshot } from "../fakeFlink/storage";
import type { SavepointOutcome, Submission } from "../fakeFlink/types";
import { Attempts } from "./attempts";
import { CLUSTERS, type Mishap, type Move, type Wish } from "./moves";
import { FaultyNetwork } from "./network";

/** How long Flink keeps them, by default. */
const KEPT_MS = { "ended jobs": 3_600_000, "savepoint operations": 300_000 } as const;

/** How an operation of Pulumi's ended. */
export type Outcome =
  | { readonly kind: "done"; readonly changed: boolean }
  | { readonly kind: "killed" }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** One deployment, the clusters that it moves between, and somebody who sees all of it and judges. */
export class World {
  readonly storage = new FakeStorage();
  readonly clusters: FakeFlink[] = [];
  readonly #network: FaultyNetwork;
  /** What must never happen and did. */
  readonly violations: string[] = [];
  readonly #attempts = new Attempts((what) => this.violations.push(what));
  readonly #stops: SavepointOutcome[] = [];
  readonly #runs: RunOutcome[] = [];
  readonly #submissions: number[] = [];
  #started: FakeJob | undefined;
  /** What may be gone on from, newest last, as long as the newest job has completed nothing itself. */
  #bases: readonly FakeSnapshot[] = [];
  /** What there was when it was submitted. */
  #older = new Set<FakeSnapshot>();
  /** The user has asked for what repeats or drops work: nothing can be said of this chain any more. */
  #repeats = new Set<string>();
  #wish: Wish | undefined;

  private constructor(
    readonly stack: Stack,
    private readonly rig: Rig,
    private readonly jars: readonly string[],
  ) {
    this.#network = new FaultyNetwork((method) => this.#look(method));
  }

  static async make(rig: Rig, jars: readonly string[]): Promise<World> {
    const world = new World(new Stack({ address: "", lines: [], close: () => undefined }), rig, jars);
    for (let number = 0; number < CLUSTERS; number++) {
      const flink = await FakeFlink.start({ storage: world.storage, network: world.#network.carry });
      flink.script.run = () => world.#runs.shift() ?? "run";
      flink.script.savepoint = (job) => {
        if (isStopping(job)) world.violations.push(`job ${job.id} is stopped twice`);
        world.#attempts.stop(job.id);
        return world.#stops.shift() ?? "complete";
      };
      world.clusters.push(flink);
      world.#submissions.push(0);
    }
    return world;
  }

  async close(): Promise<void> {
    await Promise.all(this.clusters.map((flink) => flink.close()));
  }

  get active(): FakeJob[] {
    return this.clusters.flatMap((flink) => flink.activeJobs());
  }

  /** The outputs in Pulumi's state, where there are any. */
  get outputs(): DeploymentOutputs | undefined {
    return this.stack.resource?.outputs;
  }

  program({ redeploy, ...wish }: Wish): Arguments {
    return {
      state: wish.state,
      cluster: { url: this.clusters[wish.cluster]?.url },
      artifact: { jarUri: this.jars[wish.jar] },
      restartNonce: wish.restartNonce,
      flinkConfiguration: { "execution.checkpointing.interval": "1 s" },
      upgradeStrategy: { kind: wish.upgrade, fallback: wish.fallback },
      restoreStrategy: { kind: wish.restore, claimMode: wish.claim && !wish.rollback ? "CLAIM" : "NO_CLAIM" },
      rollback: wish.rollback,
      savepointHistory: { maxCount: 1, dispose: wish.disposes },
      maxJobCreationAttempts: wish.attempts,
      maxSavepointCreationAttempts: wish.attempts,
      timeouts: { running: "5 s", savepoint: "10 s", cancel: "5 s", unreachable: "1 s" },
      ...(redeploy === undefined
        ? {}
        : {
            initialSavepointPath: redeploy.path.replace("file:/", "file:///"),
            savepointRedeployNonce: redeploy.nonce,
          }),
    };
  }

  /** Scripts what becomes of the next stops and submissions. */
  script(stops: readonly SavepointOutcome[], runs: readonly RunOutcome[]): void {
    this.#stops.splice(0, Infinity, ...stops);
    this.#runs.splice(0, Infinity, ...runs);
  }

  /** From now on nothing goes wrong by itself. */
  calm(): void {
    this.script([], []);
    for (const job of this.active) if (typeof job.fate === "object" && "afterCheckpoints" in job.fate) job.fate = "run";
  }

  async make(move: Move): Promise<Outcome | undefined> {
    switch (move.kind) {
      case "up":
        this.script(move.stops, move.runs);
        return this.up(move.wish, move.mishap);
      case "preview":
        await this.#preview(move.wish);
        return undefined;
      case "refresh":
        this.#network.begin(undefined);
        if (this.stack.resource !== undefined) await this.#unchanged("refresh", () => this.stack.refresh());
        return undefined;
      case "progress":
        for (let poll = 0; poll < move.polls; poll++) for (const job of this.active) job.poll();
        return undefined;
      case "jobEnds":
        for (const job of this.active) job.end(move.status, "somebody or something ended it");
        return undefined;
      case "jobManagerRestarts":
        this.#at(move.cluster).restartJobManager(move);
        return undefined;
      case "forgets": {
        const flink = this.#at(move.cluster);
        this.rig.pass(KEPT_MS[move.what]);
        if (move.what === "ended jobs") flink.forgetArchive();
        else flink.forgetTriggers();
        return undefined;
      }
    }
  }

  /** `pulumi up`. */
  async up(wish: Wish, mishap?: Mishap): Promise<Outcome> {
    this.#wish = wish;
    const outcome = await this.#operation(mishap, () => this.stack.up(this.program(wish)));
    if (outcome.kind === "done") this.#agrees(wish);
    return outcome;
  }

  /** `pulumi destroy`. */
  destroy(mishap?: Mishap): Promise<Outcome> {
    return this.#operation(mishap, () => this.stack.destroy().then(() => true));
  }

  async #operation(mishap: Mishap | undefined, operation: () => Promise<boolean>): Promise<Outcome> {
    const { stack } = this;
    const before = stack.resource;
    const stopping = this.active.filter(isStopping).map(({ id }) => id);
    this.#attempts.begin(this.#wish?.attempts, stopping, mishap !== undefined);
    this.#network.begin(mishap);
    const outcome = await operation().then(
      (changed): Outcome => ({ kind: "done", changed }),
      (error: unknown) => this.#refusal(error),
    );
    if (!this.#network.killed) return outcome;
    stack.resource = before;
    return { kind: "killed" };
  }

  #refusal(error: unknown): Outcome {
    const message = error instanceof Error ? error.message : String(error);
    const code = /\((FLINK_[A-Z_]+)\)/.exec(message)?.[1];
    if (code === undefined) this.violations.push(`an error that says no way on: ${String((error as Error).stack)}`);
    this.#attempts.refused(message);
    return { kind: "refused", code: code ?? "", message };
  }

  async #preview(wish: Wish): Promise<void> {
    this.#network.begin(undefined);
    await this.#unchanged("preview", async () => {
      try {
        await this.stack.preview(this.program(wish));
      } catch (error) {
        // The one refusal of a preview: a change would take the cluster from under a job that is to be left alone.
        if (!String(error).includes("FLINK_UPGRADE_NEEDS_STRATEGY")) throw error;
      }
    });
  }

  async #unchanged(what: string, operation: () => Promise<unknown>): Promise<void> {
    const before = this.#mutations;
    try {
      await operation();
    } catch (error) {
      this.violations.push(`${what} throws: ${String((error as Error).stack)}`);
    }
    if (this.#mutations !== before) this.violations.push(`${what} changes something`);
  }

  #mutations = 0;

  /** After every request that a cluster has carried out. */
  #look(method: string): void {
    if (method !== "GET") this.#mutations += 1;
    this.clusters.forEach((flink, number) => {
      for (const submission of flink.submissions.slice(this.#submissions[number])) this.#judge(flink, submission);
      this.#submissions[number] = flink.submissions.length;
    });
    const { active } = this;
    if (active.length > 1) this.violations.push(`active at once: ${active.map(({ id }) => id).join(", ")}`);
    for (const lineage of new Set(this.storage.commits.map((commit) => commit.lineage))) {
      if (!this.#repeats.has(lineage) && this.storage.repeated(lineage) > 0) {
        this.violations.push(`${this.storage.repeated(lineage)} of ${lineage} were committed twice`);
        this.#repeats.add(lineage);
      }
    }
  }

  /** Whether the state that a submission starts from is the newest there is. */
  #judge(flink: FakeFlink, { jobId, savepointPath }: Submission): void {
    // A rollback starts the old job on the old cluster.
    this.#attempts.start(digestOf(jobId), flink.url);
    const used = savepointPath === undefined ? undefined : this.storage.get(savepointPath);
    // Nothing starts from what is not there. A savepoint that was claimed is gone, and nothing else may be left.
    if (savepointPath !== undefined && used === undefined && this.#wish?.restore === "LATEST_SAVEPOINT") return;
    const newest = this.newestState;
    const bases: readonly (FakeSnapshot | undefined)[] =
      newest !== undefined && this.#bases.includes(newest) ? this.#bases : [newest];
    const lineage = this.#started?.lineage;
    this.#started = flink.jobs.get(jobId);
    if (used !== newest && lineage !== undefined) this.#repeats.add(lineage);
    if (bases.includes(used)) {
      const committed = this.storage.commits.some((commit) => commit.lineage === lineage);
      if (used === undefined && committed && !this.#mayStartEmpty(newest)) {
        this.violations.push(`job ${jobId} starts empty, and what was committed is in no snapshot`);
      }
    } else if (!(used === undefined ? this.#mayStartEmpty(newest) : this.#mayStartFrom(used, newest))) {
      this.violations.push(
        `job ${jobId} starts from ${used?.path ?? "nothing"}, and ${newest?.path ?? "nothing"} is the newest state`,
      );
    }
    this.#bases = [...new Set([...bases, used])].filter((base) => base !== undefined);
    this.#older = new Set(this.storage.snapshots.values());
  }

  /** The newest snapshot that is still in storage. */
  get newestState(): FakeSnapshot | undefined {
    const all = [...this.storage.snapshots.values()];
    return all.findLast((snapshot) => !this.#older.has(snapshot)) ?? this.#bases.findLast((base) => all.includes(base));
  }

  #mayStartEmpty(newest: FakeSnapshot | undefined): boolean {
    const { restore, upgrade } = this.#wish ?? {};
    if (restore === "NONE" || this.#mayBeOlder()) return true;
    const savepoints = [...this.storage.snapshots.values()].filter(({ isSavepoint }) => isSavepoint);
    const none = !savepoints.some(({ lineage }) => lineage === newest?.lineage);
    return restore === "LATEST_SAVEPOINT" && upgrade === "STATELESS" && none;
  }

  #mayStartFrom(used: FakeSnapshot, newest: FakeSnapshot | undefined): boolean {
    const { restore, redeploy } = this.#wish ?? {};
    if (redeploy !== undefined && this.storage.get(redeploy.path) === used) return true;
    if (restore === "LATEST_SAVEPOINT" && newest?.isSavepoint === false) return true;
    return this.#mayBeOlder();
  }

  /** Where the newest state is known to nobody, and the user's wish allows to go on without it. */
  #mayBeOlder(): boolean {
    const { newestState, outputs } = this;
    if (newestState === undefined || outputs === undefined) return false;
    const { record } = outputs;
    const isShown = this.clusters.some(({ jobs }) => jobs.has(newestState.jobId));
    const isRecorded =
      record.snapshots.some(({ path }) => path === newestState.path) ||
      record.applied?.restoredFrom === newestState.path;
    if (isShown || isRecorded) return false;
    return this.#wish?.upgrade === "STATELESS" || record.applied?.end?.kind === "CANCELLED";
  }

  /** What Pulumi's state says after an `up` that succeeded. */
  #agrees(wish: Wish): void {
    const { outputs, active } = this;
    const wrong = (what: string): void => void this.violations.push(`after a successful up, ${what}`);
    if (outputs === undefined) return wrong("Pulumi's state has no deployment");
    if (outputs.record.transition !== undefined) wrong("a transition is unfinished");
    const waits = outputs.status.pendingUpgrade !== undefined;
    if (!waits && outputs.jobId !== undefined && !this.clusters.some(({ jobs }) => jobs.has(outputs.jobId ?? ""))) {
      wrong(`the state names job ${outputs.jobId}, which no cluster shows`);
    }
    const [job] = active;
    if (job !== undefined && outputs.jobId !== job.id)
      wrong(`job ${job.id} runs, the state says ${outputs.jobId ?? "none"}`);
    switch (wish.state) {
      case "RUNNING":
        if (!waits && job === undefined && !this.#hasFailed(outputs.jobId)) wrong("no job is active");
        return;
      case "SUSPENDED":
        if (job !== undefined) wrong(`job ${job.id} is active`);
        if (outputs.status.state !== "SUSPENDED") wrong(`the deployment is ${outputs.status.state}`);
        return;
      case "CANCELLED":
        if (job !== undefined) wrong(`job ${job.id} is active`);
        if (outputs.status.state !== "CANCELLED") wrong(`the deployment is ${outputs.status.state}`);
        return;
    }
  }

  /** It may, right after all its tasks ran: then the next `up` brings it back. */
  #hasFailed(jobId: string | undefined): boolean {
    return this.clusters.some(({ jobs }) => jobs.get(jobId ?? "")?.status === "FAILED");
  }

  /** Jars that nothing uses any more on a cluster. */
  unusedJars(cluster: number): string[] {
    const { active } = this;
    const isUsed = (jarId: string): boolean => active.some(({ submission }) => submission?.jarId === jarId);
    return this.#at(cluster).jars.flatMap(({ id, name }) => (isUsed(id) ? [] : [name]));
  }

  #at(number: number): FakeFlink {
    const flink = this.clusters[number];
    if (flink === undefined) throw new Error(`there is no cluster ${String(number)}`);
    return flink;
  }
}

function isStopping({ transitions }: FakeJob): boolean {
  return transitions.some(({ kind }) => kind === "stop");
}

/** What of a job's id stands for its specification. */
function digestOf(jobId: string): string {
  return jobId.slice(22);
}
