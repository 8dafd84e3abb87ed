import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkApplication, type FlinkApplicationArgs, type JobRecord, type SavepointRecord } from "../../index";
import {
  assertContinuous,
  buildCountingJob,
  countingArguments,
  readCounts,
  waitForRecords,
  type CountingArguments,
} from "../rig/countingJob";
import { PodsStack, SMALL, type Place } from "./podsStack";

/** What the program gives. */
export interface ApplicationOutputs {
  readonly state: string;
  /** When the job had come up. */
  readonly runningSince: string;
  readonly jobs: JobRecord[];
  readonly savepoints: SavepointRecord[];
  /** Of Flink's REST API. */
  readonly service: string;
}

/** Arguments that differ, some of them made of resources that the program makes for them. */
export type ApplicationChanges = Partial<FlinkApplicationArgs> | ((place: Place) => Partial<FlinkApplicationArgs>);

/** A FlinkApplication of the counting job, on pods of a namespace of its own. */
export class CountingApplication {
  private constructor(
    readonly pods: PodsStack,
    readonly output: string,
    private readonly jar: string,
  ) {}

  static async open(prefix: string): Promise<CountingApplication> {
    const jar = await buildCountingJob();
    const pods = await PodsStack.open(prefix);
    return new CountingApplication(pods, await pods.makeOutput("counts"), jar);
  }

  dispose(): Promise<void> {
    return this.pods.dispose();
  }

  /** The job is told apart by its tag; `changes` are those of other arguments. */
  program(job: Partial<CountingArguments>, changes: ApplicationChanges = {}): PulumiFn {
    return this.pods.program((place) => {
      const { args, opts } = place;
      const own: FlinkApplicationArgs = {
        flinkVersion: "1.20.0",
        resources: SMALL,
        artifact: { jar: new pulumi.asset.FileAsset(this.jar), mainArgs: this.mainArgs(job) },
        flinkConfiguration: {
          "execution.checkpointing.interval": "1 s",
          "restart-strategy.type": "none",
          "web.refresh-interval": 100,
        },
        maxJobCreationAttempts: 1,
      };
      const application = new FlinkApplication(
        "orders",
        { ...args, ...own, ...(typeof changes === "function" ? changes(place) : changes) },
        opts,
      );
      const { jobs, savepoints } = application.deployment;
      return {
        state: application.status.state,
        runningSince: application.status.apply(({ running }) => running?.transitionTime),
        jobs,
        savepoints,
        service: application.cluster?.serviceName,
      };
    });
  }

  mainArgs(job: Partial<CountingArguments>): string[] {
    return countingArguments({ output: this.output, tag: "v1", ...job });
  }

  /** An update that succeeds. */
  async up(job: Partial<CountingArguments>, changes?: ApplicationChanges): Promise<ApplicationOutputs> {
    await this.pods.up(this.program(job, changes));
    return await this.pods.outputs<ApplicationOutputs>();
  }

  /** Until a job of this tag has written something. */
  async written(tag: string): Promise<void> {
    await waitForRecords(this.output, (lines) => lines.some((line) => line.tag === tag), 60_000);
  }

  async assertContinuous(): Promise<void> {
    assertContinuous(await readCounts(this.output));
  }
}
