import assert from "node:assert/strict";
import { mutations, prepare, start, useRig, type Running } from "./fixture";

const CHECKPOINTS = { "execution.checkpointing.dir": "file:///checkpoints" };

describe("the hooks of a FlinkDeployment before anything stops", () => {
  const rig = useRig();

  /** The preview says that it will be refused, the up is refused with the same words, and nothing was changed. */
  async function isRefused(
    { flink, stack }: Running,
    program: Record<string, unknown>,
    message: RegExp,
  ): Promise<void> {
    const before = mutations(flink);
    const { changes, lines } = await stack.preview(program);
    assert.equal(changes, true);
    const said = lines.find(({ text }) => text.startsWith("will be refused: "));
    assert.match(said?.text ?? "", message, lines.map(({ text }) => text).join("\n"));
    assert.match(await stack.failingUp(program), message);
    assert.deepEqual(mutations(flink), before);
    assert.equal(stack.outputs.status.state, "RUNNING");
  }

  it("refuse an upgrade and a suspension whose savepoint has no place to go", async () => {
    const running = await start(rig, {}, { configuration: CHECKPOINTS });
    const { flink, stack, program } = running;
    await isRefused(running, program({ parallelism: 2 }), /nothing says where savepoints go\. Nothing was changed/);
    await isRefused(running, program({ state: "SUSPENDED" }), /FLINK_NO_SAVEPOINT_DIRECTORY/);
    await stack.up(program({ parallelism: 2, savepointTargetDirectory: "file:///elsewhere" }));
    assert.match(flink.activeJobs()[0]?.submission?.savepointPath ?? "", /^file:\/(\/\/)?elsewhere/);
  });

  it("upgrade from the newest checkpoint where there is no place for a savepoint and that is allowed", async () => {
    const upgradeStrategy = { fallback: "LATEST_STATE" };
    const { flink, stack, program } = await start(rig, { upgradeStrategy }, { configuration: CHECKPOINTS });
    const [old] = flink.activeJobs();
    await stack.up(program({ parallelism: 2 }));
    const [now] = flink.activeJobs();
    assert.equal(old?.status, "CANCELED");
    assert.equal(now?.submission?.savepointPath, old?.latestState?.path);
    assert.ok(stack.texts.some((text) => /could take no savepoint \(nothing says where savepoints go\)/.test(text)));
  });

  it("end a job on its newest checkpoint in a destroy where there is no place for a savepoint", async () => {
    const { flink, stack } = await start(rig, {}, { configuration: CHECKPOINTS });
    const [job] = flink.activeJobs();
    await stack.destroy();
    assert.equal(job?.status, "CANCELED");
    assert.ok(stack.texts.some((text) => text.includes(job?.latestState?.path ?? "?")));
  });

  it("refuse a parallelism that the job's state cannot be restored with", async () => {
    const flinkConfiguration = { "execution.checkpointing.interval": "1 s", "pipeline.max-parallelism": "2" };
    const running = await start(rig, { flinkConfiguration });
    const { stack, program } = running;
    const unlimited = { flinkConfiguration: { "execution.checkpointing.interval": "1 s" } };
    await isRefused(running, program({ ...unlimited, parallelism: 3 }), /maximum parallelism of 2.*parallelism is 3/);
    const other = { ...flinkConfiguration, "pipeline.max-parallelism": "8" };
    await isRefused(running, program({ flinkConfiguration: other }), /pipeline\.max-parallelism is 8.*Set it to 2/s);
    await stack.up(program({ state: "SUSPENDED" }));
    const { lines } = await stack.preview(program({ ...unlimited, parallelism: 3 }));
    assert.ok(
      lines.some(({ text }) => text.includes("FLINK_MAX_PARALLELISM")),
      "the job that was suspended on it tells, too",
    );
    await stack.up(program({ ...unlimited, parallelism: 2 }));
  });

  it("warn of a folder of each machine's own, and ask for the machines only then", async () => {
    const taskManagerHosts = ["10.0.0.5", "10.0.0.6"];
    const { flink, stack, program } = await prepare(rig, { taskManagers: 2, taskManagerHosts });
    const asked = (): boolean => flink.requests.some(({ path }) => path === "/taskmanagers");
    await stack.preview(program());
    assert.equal(asked(), false);
    const { lines } = await stack.preview(program({ savepointTargetDirectory: "file:///mine/savepoints" }));
    assert.ok(asked());
    const warning = lines.find(({ level, text }) => level === "warn" && text.startsWith("savepointTargetDirectory"));
    assert.match(
      warning?.text ?? "",
      /several machines \(10\.0\.0\.5, 10\.0\.0\.6\): unless all of them mount that folder/,
    );
  });

  it("do not warn of a folder where all runs on one machine", async () => {
    const { stack, program } = await prepare(rig, { taskManagers: 2 });
    const { lines } = await stack.preview(program({ savepointTargetDirectory: "file:///mine/savepoints" }));
    assert.deepEqual(
      lines.filter(({ level }) => level === "warn"),
      [],
    );
  });
});
