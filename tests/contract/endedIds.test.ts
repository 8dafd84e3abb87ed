import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { FlinkConfiguration } from "../../provider/local";
import { DELETES_RESULTS } from "../../provider/values/flinkKeys";
import { buildCountingJob } from "../rig/countingJob";
import { startFlink, SUPPORTED_VERSIONS, type RealFlink } from "../rig/flink";
import { until } from "../rig/until";
import { ContractCluster, newId } from "./cluster";
import { assertError, eventually } from "./http";

describe("the id of a job that has ended, on a highly available cluster", function () {
  this.timeout(300_000);

  let flink: RealFlink | undefined;
  let results = "";

  beforeEach(async () => {
    results = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-results-"));
  });

  afterEach(async () => {
    await flink?.stop();
    await fs.rm(results, { recursive: true, force: true });
  });

  async function opened(version: RealFlink["version"], flinkConfiguration: FlinkConfiguration): Promise<RealFlink> {
    flink = await startFlink({ version, slotsPerTaskManager: 2, highAvailability: true, flinkConfiguration });
    return flink;
  }

  async function contractOf({ version, url, directory }: RealFlink): Promise<ContractCluster> {
    return new ContractCluster({
      version: version as (typeof SUPPORTED_VERSIONS)[number],
      url,
      jar: new Uint8Array(await fs.readFile(await buildCountingJob())),
      savepoints: pathToFileURL(path.join(directory, "contract")).href,
      unwritable: "file:///proc/no-such-folder",
      slots: 2,
      close: () => Promise.resolve(),
    });
  }

  async function ended(cluster: ContractCluster): Promise<string> {
    const jobId = await cluster.start({ jobId: newId() });
    await cluster.send("PATCH", `/jobs/${jobId}`);
    await cluster.status(jobId, "CANCELED");
    return jobId;
  }

  for (const version of SUPPORTED_VERSIONS) {
    it(`is refused by the next JobManager where results are kept, on Flink ${version}`, async () => {
      const cluster = await opened(version, {
        [DELETES_RESULTS]: "false",
        "job-result-store.storage-path": pathToFileURL(results).href,
      });
      const jobId = await ended(await contractOf(cluster));
      // Before that, the next JobManager would run the job again.
      await until("nothing of the job is left to clean up", async () =>
        (await fs.readdir(results, { recursive: true })).some((file) => file.endsWith(`${jobId}.json`)),
      );
      await cluster.restartJobManager();
      const after = await contractOf(cluster);
      assert.equal((await after.get(`/jobs/${jobId}`)).status, 404);
      assertError(await after.run({ jobId }), 400, /Duplicate(?:Job|Application)SubmissionException/);
    });
  }

  it("is taken for new, by the same JobManager even, where they are not: Flink's default", async () => {
    const cluster = await contractOf(await opened("1.20.0", { [DELETES_RESULTS]: "true" }));
    const jobId = await ended(cluster);
    // What was left of it may still have to be cleaned up.
    await eventually(
      () => cluster.run({ jobId }),
      ({ status }) => status === 200,
    );
  });
});
