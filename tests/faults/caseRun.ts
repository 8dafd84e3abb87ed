import * as assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import { rangesByTag, waitForRecords } from "../rig/countingJob";
import { FlinkView } from "../rig/deploymentScene";
import type { Fault } from "./faults";
import type { Wish } from "./followUps";
import { activeJobs, assertGone, assertReached } from "./invariants";
import { refusalOf, type NamedRefusal } from "./refusals";
import { localPath, newestByWords } from "./snapshots";
import { declinesFile, outputsOf, type CaseStack, type DeploymentActor } from "./stack";
import { Storage, type Lost } from "./storage";
import { isStateless, stateOf, type Program, type Transition } from "./transitions";

const RECORDS_TIMEOUT_MS = 30_000;
/** As many further `up`s as a user should need. */
const FURTHER_UPS = 2;

/** A transition on a stack of its own, its fault and what its user does about it. */
export class CaseRun {
  private savepointsBefore: readonly number[] = [];
  /** The names of those that its user got out of by what they say. */
  readonly refusals: string[] = [];
  private readonly storage: Storage;
  /** Of each deployment the newest snapshot when the storage went. */
  private lost = new Map<DeploymentActor, string | undefined>();

  constructor(
    private readonly stack: CaseStack,
    private readonly transition: Transition,
    private readonly fault?: Fault,
  ) {
    this.storage = new Storage(stack.pair);
  }

  /** Brings about what the transition starts from. */
  async prepare(): Promise<void> {
    for (const program of this.transition.before) {
      await this.stack.up(program);
      if (stateOf(program) === "RUNNING") await this.written(program.main.tag);
    }
    if (this.transition.jobFails === true) await this.failJobs();
    if (this.transition.before.length > 0) this.savepointsBefore = this.savepoints();
    for (const { wire } of this.stack.actors) wire.listen();
  }

  /** Does what a user asks for; the error, if it fails. */
  async attempt(wish: Wish, killable = false): Promise<Error | undefined> {
    const { driver } = this.stack;
    try {
      if (wish === "destroy") await driver.destroy(killable);
      else if (wish === "refresh") await driver.refresh();
      else await this.stack.up(wish, killable);
      return undefined;
    } catch (error) {
      assert.ok(error instanceof Error);
      return error;
    }
  }

  async loseStorage(what: Lost): Promise<void> {
    this.lost = new Map(this.stack.deployments.map((actor) => [actor, this.stack.newestSnapshot(actor)]));
    await this.storage.lose(what);
  }

  bringStorageBack(): Promise<void> {
    return this.storage.bringBack();
  }

  /** While the storage is gone the transition fails as often as it is tried, or does without; then the storage is back. */
  async goOnWithoutStorage(first: Error | undefined): Promise<void> {
    await this.assertNamesWhatIsLost(first);
    await this.assertNamesWhatIsLost(await this.attempt(this.transition.change));
    if (this.transition.change === "destroy") this.assertNamesWhatIsLeft();
    await this.bringStorageBack();
  }

  /** A job that is to go and can take no savepoint leaves its newest checkpoint, and a line says so. */
  private assertNamesWhatIsLeft(): void {
    for (const actor of this.stack.deployments) {
      const left = this.stack.newestSnapshot(actor) ?? this.lost.get(actor);
      assert.ok(left !== undefined, "the job has left nothing");
      const lines = this.stack.lines(actor);
      assert.ok(
        lines.some((line) => line.includes(localPath(left))),
        `no line names ${left}:\n${lines.join("\n")}`,
      );
    }
  }

  /** A failure after which no job runs says which snapshot is to be had again, or to be done without. */
  private async assertNamesWhatIsLost(problem: Error | undefined): Promise<void> {
    if (problem === undefined) return;
    for (const [actor, snapshot] of this.lost) {
      if (snapshot === undefined || !problem.message.includes(actor.prefix)) continue;
      if ((await activeJobs(this.stack, actor)).length > 0) continue;
      const names = problem.message.includes(localPath(snapshot));
      assert.ok(names, `no job runs, and the message does not name ${snapshot}:\n${problem.message}`);
    }
  }

  /** After the first attempt: brings about what is asked for next, takes all down, and checks what must always hold. */
  async finish(wishes: readonly Wish[], first: Error | undefined): Promise<void> {
    const { change, mended, tags } = this.transition;
    const isPlain = wishes.length === 1 && wishes[0] === change;
    if (mended !== undefined && isPlain) {
      await this.rollsBack(first);
      await this.converge(mended, undefined);
    } else {
      for (const wish of wishes) await this.converge(wish, wish === change && isPlain ? { problem: first } : undefined);
    }
    // A cluster's end may come before a savepoint, or after.
    if (isPlain && !this.isHarmed && !this.wentWithoutSavepoint) this.assertSavepoints();
    do {
      const problem = await this.attempt("destroy");
      if (problem !== undefined) throw new Error(`the final destroy failed: ${problem.message}`, { cause: problem });
    } while (this.stack.actors.some(({ resource }) => resource.exists));
    await this.stack.driver.settled();
    await assertGone(this.stack, {
      tags: isPlain && this.refusals.length === 0 ? tags : undefined,
      continuous: this.isContinuous,
      // The fault may have cut a savepoint off, or the job that a complete one was taken of goes on.
      moreSavepoints: this.isHarmed ? 1 : undefined,
    });
    await Promise.all(this.stack.deployments.map(({ output }) => fs.rm(output, { recursive: true, force: true })));
  }

  /** Asks until it is reached, as a user would: at most twice more; and then once more, which must do nothing. */
  private async converge(wish: Wish, done: { readonly problem: Error | undefined } | undefined): Promise<void> {
    const failures: string[] = [];
    let further = done === undefined ? 1 : 0;
    // What a cluster does not tell is a warning: what is to be done is seen by the next `up`.
    let isSeen = done === undefined || !(this.isHarmed || this.fault?.hides === true);
    let problem = done === undefined ? await this.attempt(wish) : done.problem;
    while (problem !== undefined || !isSeen) {
      if (problem !== undefined) {
        failures.push(problem.message);
        const refusal = refusalOf(this.fault, problem.message);
        if (refusal !== undefined) return this.takeWayOut(wish, refusal, problem.message);
      }
      isSeen ||= problem === undefined;
      if (further === FURTHER_UPS) {
        throw new Error(`not reached by ${FURTHER_UPS} further runs:\n${failures.join("\n-- and then: ")}`);
      }
      further += 1;
      problem = await this.attempt(wish);
    }
    await this.stack.driver.settled();
    if (wish === "refresh" || wish === "destroy") return;
    await this.changesNothing(wish);
    await assertReached(this.stack, wish);
    if (stateOf(wish) === "RUNNING") await this.written(wish.main.tag);
  }

  /** What a refusal says that its user may do. */
  private async takeWayOut(wish: Wish, { name, wayOut }: NamedRefusal, message: string): Promise<void> {
    this.refusals.push(name);
    switch (wayOut) {
      case "name a snapshot":
        return this.startFromNewest(wish, message);
      case "start empty":
        return this.startEmpty(wish);
    }
  }

  /** What is asked for, or else what was before. */
  private programFor(wish: Wish): Program {
    const program = wish === "refresh" || wish === "destroy" ? this.transition.before.at(-1) : wish;
    assert.ok(program !== undefined);
    return program;
  }

  /** Only those that are refused: what a job that runs has completed last goes when it is stopped. */
  private async startFromNewest(wish: Wish, message: string): Promise<void> {
    const program = this.programFor(wish);
    const refused = this.stack.deployments.filter(({ prefix }) => message.includes(prefix));
    assert.ok(refused.length > 0, "the refusal names no job");
    const snapshots = refused.map(({ name, prefix }) => [name, newestByWords(message, prefix)] as const);
    assert.deepEqual(
      snapshots,
      refused.map((actor) => [actor.name, this.stack.newestSnapshot(actor)]),
      `the newest snapshot is not to be found by what the refusal says:\n${message}`,
    );
    if (snapshots.every(([, snapshot]) => snapshot === undefined)) return this.startEmpty(wish);
    assert.ok(
      !refused.some(({ name }) => program.startFrom?.has(name)),
      "refused again from the snapshot that was named",
    );
    assert.ok(
      snapshots.every(([, snapshot]) => snapshot !== undefined),
      "no snapshot is left to start from",
    );
    const startFrom = new Map([...(program.startFrom ?? []), ...snapshots]);
    await this.converge({ ...program, others: { ...program.others, state: "RUNNING" }, startFrom }, undefined);
  }

  /** Only where no job has left anything to start from. */
  private async startEmpty(wish: Wish): Promise<void> {
    const program = this.programFor(wish);
    const left = this.stack.deployments.map((actor) => this.stack.newestSnapshot(actor));
    assert.deepEqual(left.filter(Boolean), [], "a snapshot is there to start from");
    const empty = { upgradeStrategy: { kind: "STATELESS" }, restoreStrategy: { kind: "NONE" } };
    await this.converge({ ...program, others: { ...program.others, state: "RUNNING", ...empty } }, undefined);
    await this.converge(program, undefined);
  }

  private async changesNothing(program: Program): Promise<void> {
    for (const { wire } of this.stack.actors) wire.listen();
    assert.equal(await this.stack.up(program), false, "one more `up` would change something");
    const mutations = this.stack.actors.flatMap(({ wire }) => wire.mutations);
    assert.deepEqual(mutations, [], "one more `up` changed something in Flink");
  }

  /** The change can only fail; when it has been tried to its end the old job runs again. */
  private async rollsBack(first: Error | undefined): Promise<void> {
    const { change } = this.transition;
    const messages = [first?.message ?? "it succeeded"];
    while (!/Rolled back/.test(messages.at(-1) ?? "")) {
      if (this.cannotRollBack(messages.at(-1) ?? "")) return;
      if (messages.length > FURTHER_UPS) throw new Error(`never rolled back:\n${messages.join("\n-- and then: ")}`);
      messages.push((await this.attempt(change))?.message ?? "it succeeded");
    }
    await this.stack.driver.settled();
    for (const actor of this.stack.deployments) {
      const { jobId } = outputsOf(actor);
      assert.ok(jobId !== undefined, "no job runs after the rollback");
      assert.equal(await new FlinkView(this.stack.pair.A.url).status(jobId), "RUNNING");
    }
  }

  /** The fault has ended the old job, so that none is taken from it; or nobody knows what became of it. */
  private cannotRollBack(message: string): boolean {
    const hadFailed = this.isHarmed && /The state is safe: .* No job runs now/.test(message);
    return hadFailed || refusalOf(this.fault, message) !== undefined;
  }

  private get isContinuous(): boolean | "but for repeats" {
    // Told to do without state, a job starts empty where nobody knows of any.
    if (isStateless(this.transition) && this.fault?.harms === "jobs and what is known of them") return false;
    // A job that fails over while it is being stopped Flink itself brings back from the checkpoint before the savepoint,
    // whose records are committed by then.
    return this.fault?.highAvailability === true ? "but for repeats" : true;
  }

  private get isHarmed(): boolean {
    return this.fault?.harms === "jobs" || this.fault?.harms === "jobs and what is known of them";
  }

  private get wentWithoutSavepoint(): boolean {
    return this.fault?.harms === "storage" && this.transition.change === "destroy";
  }

  private savepoints(): number[] {
    return this.stack.deployments.map((actor) => this.stack.savepoints(actor).length);
  }

  private assertSavepoints(): void {
    const { savepoints } = this.transition;
    if (savepoints === undefined) return;
    const taken = this.savepoints().map((count, index) => count - (this.savepointsBefore[index] ?? 0));
    const wanted = taken.map(() => savepoints);
    assert.deepEqual(taken, wanted, "completed savepoints of the transition, for each deployment");
  }

  private async written(tag: string): Promise<void> {
    await Promise.all(
      this.stack.deployments.map(({ output }) =>
        waitForRecords(output, (lines) => (rangesByTag(lines)[tag]?.records ?? 0) > 0, RECORDS_TIMEOUT_MS),
      ),
    );
  }

  /** A savepoint that the job declines makes it fail, and it never restarts. */
  private async failJobs(): Promise<void> {
    const view = new FlinkView(this.stack.pair.A.url);
    for (const actor of this.stack.deployments) {
      const { jobId } = outputsOf(actor);
      assert.ok(jobId !== undefined);
      const declines = declinesFile(actor.output);
      await fs.writeFile(declines, "");
      await view.trigger(jobId);
      assert.equal(await view.ended(jobId), "FAILED");
      await fs.rm(declines);
    }
  }
}
