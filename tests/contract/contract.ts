import { ContractCluster } from "./cluster";
import { describeCluster } from "./clusterContract";
import { describeJobs } from "./jobContract";
import { describeSavepoints } from "./savepointContract";
import { describeStarts } from "./startContract";
import type { Subject } from "./subject";

/** Checks that what `open` opens answers as Flink does. One suite for the fake and for the real one. */
export function describeContract(title: string, open: () => Promise<Subject>): void {
  describe(title, function () {
    this.timeout(60_000);
    let cluster: ContractCluster | undefined;
    const current = (): ContractCluster => {
      if (cluster === undefined) throw new Error("the subject is not open");
      return cluster;
    };

    before(async function () {
      // The first start of a version downloads it.
      this.timeout(600_000);
      cluster = new ContractCluster(await open());
    });

    after(async () => {
      await cluster?.subject.close();
    });

    afterEach(async () => {
      await cluster?.clean();
    });

    describeCluster(current);
    describeStarts(current);
    describeJobs(current);
    describeSavepoints(current);
  });
}
