/** The steps that the tests of the contract are made of. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { at, call, eventually, list, text, upload, type Answer } from "./http";
import type { Subject } from "./subject";

export const RETAINED = {
  "execution.checkpointing.interval": "100 ms",
  "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
  "restart-strategy.type": "none",
};

export function newId(): string {
  return randomBytes(16).toString("hex");
}

const TERMINAL = ["FAILED", "CANCELED", "FINISHED"];

/** One subject while the suite runs against it. */
export class ContractCluster {
  #jarId: string | undefined;

  constructor(readonly subject: Subject) {}

  get(path: string): Promise<Answer> {
    return call("GET", this.subject.url + path);
  }

  send(method: string, path: string, body?: unknown): Promise<Answer> {
    return call(method, this.subject.url + path, body);
  }

  upload(name: string, content: Uint8Array<ArrayBuffer> = this.subject.jar): Promise<Answer> {
    return upload(this.subject.url, name, content);
  }

  /** The uploaded counting job, uploaded once. */
  async jarId(): Promise<string> {
    this.#jarId ??= fileName(await this.upload("counting.jar"));
    return this.#jarId;
  }

  async run(body: Record<string, unknown>, main: readonly string[] = []): Promise<Answer> {
    const programArgsList = ["--output", `${this.subject.savepoints}/lines`, ...main];
    return await this.send("POST", `/jars/${await this.jarId()}/run`, { programArgsList, ...body });
  }

  /** Runs one, and waits until all its tasks run. Its id. */
  async start(body: Record<string, unknown> = {}, main: readonly string[] = []): Promise<string> {
    const answer = await this.run({ flinkConfiguration: RETAINED, ...body }, main);
    assert.equal(answer.status, 200, answer.text);
    const id = text(answer.body, "jobid");
    await this.tasksRunning(id);
    return id;
  }

  async tasksRunning(id: string): Promise<Answer> {
    return await eventually(
      () => this.get(`/jobs/${id}`),
      ({ body }) => {
        const vertices = list(body, "vertices");
        return vertices.length > 0 && vertices.every((vertex) => at(vertex, "status") === "RUNNING");
      },
    );
  }

  async status(id: string, expected: string): Promise<void> {
    await eventually(
      () => this.get(`/jobs/${id}/status`),
      ({ body }) => at(body, "status") === expected,
    );
  }

  /** Until so many checkpoints, not savepoints, are complete. */
  async completed(id: string, number: number): Promise<Answer> {
    return await eventually(
      () => this.get(`/jobs/${id}/checkpoints`),
      ({ body }) =>
        list(body, "history").filter((each) => at(each, "status") === "COMPLETED" && at(each, "is_savepoint") === false)
          .length >= number,
    );
  }

  async stop(id: string, triggerId: string, body: Record<string, unknown> = {}): Promise<Answer> {
    const targetDirectory = this.subject.savepoints;
    return await this.send("POST", `/jobs/${id}/stop`, { targetDirectory, drain: false, triggerId, ...body });
  }

  async savepoint(id: string, triggerId: string, body: Record<string, unknown> = {}): Promise<Answer> {
    return await this.send("POST", `/jobs/${id}/savepoints`, {
      "target-directory": this.subject.savepoints,
      "cancel-job": false,
      triggerId,
      ...body,
    });
  }

  /** The result of an operation, when it is complete. */
  async result(id: string, triggerId: string): Promise<unknown> {
    const { body } = await eventually(
      () => this.get(`/jobs/${id}/savepoints/${triggerId}`),
      (answer) => at(answer.body, "status", "id") === "COMPLETED",
    );
    return at(body, "operation");
  }

  /** Stops a job with a savepoint; its path. */
  async stopped(id: string): Promise<string> {
    const triggerId = newId();
    await this.stop(id, triggerId);
    return text(await this.result(id, triggerId), "location");
  }

  /** Cancels what runs, and waits for the slots. */
  async clean(): Promise<void> {
    for (const job of list((await this.get("/jobs")).body, "jobs")) {
      if (!TERMINAL.includes(text(job, "status"))) await this.send("PATCH", `/jobs/${text(job, "id")}`);
    }
    await eventually(
      () => this.get("/jobs"),
      ({ body }) => list(body, "jobs").every((job) => TERMINAL.includes(text(job, "status"))),
    );
    await eventually(
      () => this.get("/overview"),
      ({ body }) => at(body, "slots-available") === this.subject.slots,
    );
  }
}

/** The id of an uploaded jar, from the answer to its upload. */
export function fileName(answer: Answer): string {
  assert.equal(answer.status, 200, answer.text);
  return text(answer.body, "filename").split("/").at(-1) ?? "";
}
