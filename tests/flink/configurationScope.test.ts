import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";
import { isClusterScoped } from "../../provider/values/configurationScope";
import { findJava, obtainFlink } from "../../provider/local";
import { SUPPORTED_VERSIONS } from "../rig/flink";
import { repositoryRoot } from "../rig/repository";

/** Whose keys Flink's own classes of options hold: what reads them, with the keys that something else reads. */
const CLASSES: Readonly<Record<"cluster" | "job", Readonly<Record<string, readonly RegExp[]>>>> = {
  cluster: {
    AkkaOptions: [],
    AlgorithmOptions: [],
    ApplicationResultStoreOptions: [],
    ArtifactFetchOptions: [],
    BatchExecutionOptions: [],
    BlobServerOptions: [],
    CleanupOptions: [],
    ClusterOptions: [],
    CoreOptions: [/^parallelism\.default$/],
    EventOptions: [],
    ExternalResourceOptions: [],
    HeartbeatManagerOptions: [],
    HighAvailabilityOptions: [],
    HistoryServerOptions: [],
    JMXServerOptions: [],
    JobEventStoreOptions: [],
    JobManagerOptions: [],
    JobResultStoreOptions: [],
    MetricOptions: [],
    NettyShuffleEnvironmentOptions: [],
    OptimizerOptions: [],
    QueryableStateOptions: [],
    ResourceManagerOptions: [],
    RestOptions: [],
    RpcOptions: [],
    SecurityOptions: [],
    ShuffleServiceOptions: [],
    SlowTaskDetectorOptions: [],
    TaskManagerOptions: [/^task\.cancellation\./],
    TraceOptions: [],
    WebOptions: [],
  },
  job: {
    AsyncSinkConnectorOptions: [],
    CheckpointingOptions: [/\.num-retained$/, /\.cleaner\./, /\.local-backup\.dirs$/, /^taskmanager\./],
    // Read by a client alone, which a submission over REST has none of.
    ClientOptions: [],
    DeploymentOptions: [],
    ExecutionCheckpointingOptions: [],
    ExecutionOptions: [],
    PipelineOptions: [],
    RestartStrategyOptions: [],
    RocksDBConfigurableOptions: [],
    RocksDBManualCompactionOptions: [],
    RocksDBNativeMetricOptions: [],
    RocksDBOptions: [/\.fixed-per-tm$/],
    SavepointConfigOptions: [],
    SinkOptions: [],
    SourceReaderOptions: [],
    StateBackendOptions: [],
    StateChangelogOptions: [],
    StateLatencyTrackOptions: [],
    StateRecoveryOptions: [],
    StateSizeTrackOptions: [],
    StreamPipelineOptions: [],
  },
};

/** Options of one reporter, which come after its own name. */
const REPORTERS = /^(?:<parameter>|factory\.class|class|enabled|interval|(?:scope|filter)\..*)$/;

describe("the keys of Flink's configuration", function () {
  this.timeout(10 * 60_000);

  for (const version of SUPPORTED_VERSIONS) {
    it(`belong to the cluster or to the job as the classes of Flink ${version} that hold them`, async () => {
      const options = await optionsOf(version);
      assert.ok(options.length > 500);
      const wrong = options.flatMap(({ holder, key }) => {
        const scope = scopeOf(holder, key);
        if (scope === undefined) return [`${holder} is in neither list (${key})`];
        return isClusterScoped(key) === (scope === "cluster") ? [] : [`${key} of ${holder} should be the ${scope}'s`];
      });
      assert.deepEqual(wrong, []);
    });
  }
});

function scopeOf(holder: string, key: string): "cluster" | "job" | undefined {
  const { cluster, job } = CLASSES;
  if (cluster[holder] !== undefined) return cluster[holder].some((other) => other.test(key)) ? "job" : "cluster";
  if (job[holder] !== undefined) return job[holder].some((other) => other.test(key)) ? "cluster" : "job";
  return undefined;
}

async function optionsOf(version: string): Promise<{ holder: string; key: string }[]> {
  const [{ libraryDirectory }, { executable }] = await Promise.all([obtainFlink(version), findJava()]);
  const source = path.join(repositoryRoot, "tests/jobs/options/ListOptions.java");
  const { stdout } = await promisify(execFile)(executable, ["-cp", path.join(libraryDirectory, "*"), source], {
    maxBuffer: 1 << 24,
  });
  const lines = stdout.trim().split("\n");
  return lines.flatMap((line) => {
    const [holder = "", key = ""] = line.split("\t");
    return REPORTERS.test(key) ? [] : [{ holder, key }];
  });
}
