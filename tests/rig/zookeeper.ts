import * as fs from "node:fs/promises";
import { createConnection } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import type { FlinkConfiguration } from "../../provider/local";
import { obtainFlink } from "../../provider/local/distribution";
import { findJava } from "../../provider/local/java";
import { freePorts } from "../../provider/local/ports";
import { DELETES_RESULTS } from "../../provider/values/flinkKeys";
import { startTied } from "./tiedProcess";
import { until } from "./until";

/** A real ZooKeeper on the loopback interface: the high availability of a Flink cluster without Kubernetes. */
export interface ZooKeeper {
  /** The Flink configuration of the cluster whose JobManager gets its jobs back when it is restarted. */
  readonly flinkConfiguration: FlinkConfiguration;
  /** Removes what keeps Flink from starting where it was killed as it wrote down how a job had ended; the job comes back. */
  forgetResults(): Promise<void>;
  /** Ends it, and removes what high availability has kept. */
  stop(): Promise<void>;
}

const MAIN_CLASS = "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain";
/** The unit of its times, in ms: a session lasts 2 to 20 of them. */
const TICK_MS = 500;
/** How long it takes until a killed JobManager's place is free. */
const SESSION_MS = 5_000;

/** Starts the ZooKeeper that comes with this version of Flink. It ends with this process, however this process ends. */
export async function startZooKeeper(flinkVersion: string): Promise<ZooKeeper> {
  const { libraryDirectory } = await obtainFlink(flinkVersion);
  const { executable } = await findJava();
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-zookeeper-"));
  const storage = path.join(directory, "storage");
  const [port = 0] = await freePorts(1);
  const configuration = path.join(directory, "zoo.cfg");
  const settings = {
    dataDir: path.join(directory, "data"),
    clientPort: port,
    clientPortAddress: "127.0.0.1",
    tickTime: TICK_MS,
    maxClientCnxns: 0,
    "admin.enableServer": false,
  };
  await fs.writeFile(
    configuration,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(""),
  );
  const jvm = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];
  const classPath = path.join(libraryDirectory, "*");
  const server = startTied(directory, [executable, ...jvm, "-cp", classPath, MAIN_CLASS, configuration]);
  try {
    await until("ZooKeeper takes connections", () => accepts(port));
  } catch (error) {
    const log = await server.log();
    await server.stop();
    throw new Error(`ZooKeeper did not start:\n${log}`, { cause: error });
  }
  return {
    flinkConfiguration: {
      "high-availability.type": "zookeeper",
      "high-availability.zookeeper.quorum": `127.0.0.1:${port}`,
      "high-availability.zookeeper.client.session-timeout": `${SESSION_MS} ms`,
      "high-availability.storageDir": `file://${storage}`,
      [DELETES_RESULTS]: "false",
    },
    forgetResults: () => forgetUnfinished(storage),
    stop: () => server.stop(),
  };
}

/** Results of jobs, and on Flink 2.3 of applications, that were being written, or whose jobs were being cleaned up. */
async function forgetUnfinished(storage: string): Promise<void> {
  for (const store of ["job-result-store", "application-result-store"]) {
    const files = await fs.readdir(path.join(storage, store), { recursive: true }).catch(() => []);
    const unfinished = files.filter((file) => file.endsWith("_DIRTY.json"));
    await Promise.all(unfinished.map((file) => fs.rm(path.join(storage, store, file), { force: true })));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
