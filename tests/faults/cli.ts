import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkDeployment, type FlinkDeploymentArgs } from "../../index";
import { jobIdPrefix } from "../../provider/lifecycle/ids";
import { createStack, type ExportedState, type RigStack } from "../rig/engine";
import type { Diagnostic, Run } from "../rig/run";
import { until } from "../rig/until";
import type { Driver } from "./driver";
import type { CliOptions } from "./faults";
import type { Lab, Pair } from "./lab";
import { CaseStack, deploymentArguments, type DeploymentActor } from "./stack";
import type { Program } from "./transitions";
import { Wire, type LeftProcesses } from "./wire";

const NAME = "job1";
const STACK = { project: "faults", name: "dev" };
const URN = `urn:pulumi:${STACK.name}::${STACK.project}::pulumi-nodejs:dynamic/flink:FlinkDeployment::${NAME}`;

/** How long a provider that is held back is stopped at least. */
const HELD_MS = 60_000;
/** One that was stopped takes up its waits again: for it a minute without an answer has passed. */
const PATIENT = { running: "10 min", cancel: "10 min", unreachable: "10 min", savepoint: "10 min" };
/** A provider that waits for something asks every 2 s at least. */
const QUIET_MS = 4_000;
const LIMIT_MS = 180_000;

/** A stack of one deployment that the Pulumi CLI and its engine bring about. */
export async function openCli(lab: Lab, pair: Pair, { holdsBack }: CliOptions): Promise<CaseStack> {
  const wire = await Wire.open(pair, false);
  const output = path.join(pair.A.directory, `counts-${randomBytes(8).toString("hex")}`);
  const program = (asked: Program): PulumiFn => {
    const jar = new pulumi.asset.FileAsset(lab.jarFile);
    const patient = holdsBack ? { ...asked, others: { timeouts: PATIENT, ...asked.others } } : asked;
    const args = deploymentArguments({ name: NAME, jar, url: wire.url(asked.on), output }, patient);
    return () => Promise.resolve(void new FlinkDeployment(NAME, args as unknown as FlinkDeploymentArgs));
  };
  const deployment = new ExportedDeployment(wire, output);
  const stack = await createStack({ ...STACK, program: () => Promise.resolve() });
  return new CaseStack(pair, new CliDriver(stack, deployment, program, holdsBack), [deployment], []);
}

/** The deployment as the stack's state was exported last. */
class ExportedDeployment implements DeploymentActor {
  readonly name = NAME;
  private uid: string | undefined;
  private outputs: Record<string, unknown> | undefined;

  constructor(
    readonly wire: Wire,
    readonly output: string,
  ) {}

  get prefix(): string {
    assert.ok(this.uid !== undefined, "the deployment was never in Pulumi's state");
    return jobIdPrefix(this.uid);
  }

  get resource(): DeploymentActor["resource"] {
    const { outputs } = this;
    return {
      urn: URN,
      exists: outputs !== undefined,
      get outputs() {
        assert.ok(outputs !== undefined, `${URN} is not in Pulumi's state`);
        return outputs;
      },
    };
  }

  take({ resources }: ExportedState): void {
    const identity = resources.find(({ urn }) => urn.endsWith(`::${NAME}-identity`));
    this.uid = (identity?.outputs?.["uid"] as string | undefined) ?? this.uid;
    const found = resources.find(({ urn }) => urn === URN);
    this.outputs = found && (found.outputs ?? {});
  }
}

class CliDriver implements Driver {
  private readonly diagnostics: Diagnostic[] = [];
  private isLocked = false;
  private left: (LeftProcesses & { readonly since: number; letGo: number | undefined }) | undefined;

  constructor(
    private readonly stack: RigStack,
    private readonly deployment: ExportedDeployment,
    private readonly program: (asked: Program) => PulumiFn,
    private readonly holdsBack: boolean,
  ) {}

  async up(program: Program): Promise<boolean> {
    const { changes } = await this.run(() => this.stack.up({ program: this.program(program) }));
    return Object.entries(changes).some(([operation, times]) => operation !== "same" && times > 0);
  }

  async refresh(): Promise<void> {
    await this.run(() => this.stack.refresh());
  }

  async destroy(): Promise<void> {
    await this.run(() => this.stack.destroy());
  }

  async kill(): Promise<void> {
    const pids = this.stack.providerProcesses();
    this.left = { pids, sent: [], since: Date.now(), letGo: this.holdsBack ? undefined : Date.now() };
    this.deployment.wire.watch(this.left);
    this.isLocked = true;
    assert.deepEqual(await this.stack.killCli(), pids, "the providers that live on");
    // Not before: a stopped group that loses its parent is hung up on.
    if (this.holdsBack) for (const pid of pids) process.kill(pid, "SIGSTOP");
  }

  async settled(): Promise<void> {
    const { left } = this;
    if (left === undefined) return;
    if (left.letGo === undefined) {
      await until("a minute has passed", () => Promise.resolve(Date.now() >= left.since + HELD_MS), 2 * HELD_MS);
      assert.deepEqual(this.leftAlive, left.pids, "a provider that is stopped can't end");
      for (const pid of left.pids) process.kill(pid, "SIGCONT");
      left.letGo = Date.now();
      await until(
        "the provider that was held back goes on",
        () => Promise.resolve(left.sent.length > 0 || this.leftAlive.length === 0),
        LIMIT_MS,
      );
    }
    const { letGo } = left;
    await until(
      "the provider that was left asks nothing more",
      () => Promise.resolve(this.leftAlive.length === 0 || Date.now() - (left.sent.at(-1)?.time ?? letGo) > QUIET_MS),
      LIMIT_MS,
    );
    assert.deepEqual(
      left.sent.filter(({ method }) => method !== "GET"),
      [],
      "the provider that the killed CLI left changed something",
    );
  }

  lines(resourceUrn: string): string[] {
    return this.diagnostics.flatMap(({ urn, ephemeral, message }) =>
      urn === resourceUrn && !ephemeral ? [message] : [],
    );
  }

  close(): Promise<void> {
    return this.stack.dispose();
  }

  private get leftAlive(): number[] {
    const alive = this.stack.providerProcesses();
    return this.left?.pids.filter((pid) => alive.includes(pid)) ?? [];
  }

  /** `pulumi cancel` comes first where a killed CLI has left its lock. */
  private async run(operation: () => Promise<Run>): Promise<Run> {
    if (this.isLocked) await this.stack.cancel();
    this.isLocked = false;
    this.deployment.wire.begin();
    const run = await operation();
    this.diagnostics.push(...run.diagnostics);
    this.deployment.take(await this.stack.exportState({ showSecrets: true }));
    if (run.failure !== undefined) throw new Error(run.failure);
    return run;
  }
}
