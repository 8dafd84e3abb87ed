import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { buildCountingJob } from "../rig/countingJob";
import { startFlink, SUPPORTED_VERSIONS } from "../rig/flink";
import { describeContract } from "./contract";

for (const version of SUPPORTED_VERSIONS) {
  describeContract(`the contract, on Flink ${version}`, async () => {
    const jar = await fs.readFile(await buildCountingJob());
    const flink = await startFlink({ version, slotsPerTaskManager: 2 });
    return {
      version,
      url: flink.url,
      jar: new Uint8Array(jar),
      savepoints: pathToFileURL(path.join(flink.directory, "contract")).href,
      unwritable: "file:///proc/no-such-folder",
      slots: 2,
      close: () => flink.stop(),
    };
  });
}
