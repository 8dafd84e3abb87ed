import { startEngineServer, type EngineServer } from "../unit/engine/engineServer";
import { buildCountingJob } from "../rig/countingJob";
import { fileAsset } from "../rig/deploymentScene";
import { startFlink, type RealFlink } from "../rig/flink";
import { ProviderProcess } from "../rig/providerProcess";
import { serializedProviders, type SerializedProviders } from "../rig/serializedProviders";
import type { ClusterName } from "./roles";

export type Pair = Readonly<Record<ClusterName, RealFlink>>;

/** A session runs so many jobs before its processes are replaced: each leaves its class loader behind. */
const CASES_A_PAIR = 120;
const SLOTS = 16;

/** So many cases at once that need clusters to themselves. */
export const LANES = 2;

/** What a case needs: two clusters that others use too, or two to itself, which may be highly available. */
export type PairKind = "shared" | "alone" | "highly available";
type Key = "shared" | `${Exclude<PairKind, "shared">} ${number}`;

/** A pair of clusters, and who uses it. */
interface Lent {
  readonly pair: Promise<Pair>;
  used: number;
  users: number;
}

/** What all cases of a run share: clusters, the engine's server, and provider processes that outlive a case. */
export class Lab {
  private readonly lent = new Map<Key, Lent>();
  private readonly freeLanes: number[] = Array.from({ length: LANES }, (_, lane) => lane);
  private readonly waiting: ((lane: number) => void)[] = [];
  private host: Promise<ProviderProcess> | undefined;

  private constructor(
    readonly version: string,
    readonly engine: EngineServer,
    readonly providers: SerializedProviders,
    readonly jarFile: string,
    /** The jar as hooks are given it. */
    readonly jar: object,
  ) {}

  static async open(version: string): Promise<Lab> {
    const jarFile = await buildCountingJob();
    return new Lab(version, await startEngineServer(), await serializedProviders(), jarFile, fileAsset(jarFile));
  }

  /** Lends a pair of clusters to a case. */
  async withPair<T>(kind: PairKind, use: (pair: Pair) => Promise<T>): Promise<T> {
    if (kind === "shared") return this.lend("shared", use);
    const lane = this.freeLanes.pop() ?? (await new Promise<number>((resolve) => this.waiting.push(resolve)));
    try {
      return await this.lend(`${kind} ${lane}`, use);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.freeLanes.push(lane);
      else next(lane);
    }
  }

  private async lend<T>(key: Key, use: (pair: Pair) => Promise<T>): Promise<T> {
    const lent = this.lent.get(key) ?? { pair: this.startPair(key), used: 0, users: 0 };
    this.lent.set(key, lent);
    lent.used += 1;
    lent.users += 1;
    if (lent.used >= CASES_A_PAIR) this.lent.delete(key);
    try {
      return await use(await lent.pair);
    } catch (error) {
      // Whatever a case that failed has left there would be held against the next.
      if (key !== "shared" && this.lent.get(key) === lent) this.lent.delete(key);
      throw error;
    } finally {
      lent.users -= 1;
      if (lent.users === 0 && this.lent.get(key) !== lent) await stopPair(lent);
    }
  }

  private async startPair(key: Key): Promise<Pair> {
    const options = {
      version: this.version,
      slotsPerTaskManager: SLOTS,
      highAvailability: key.startsWith("highly available"),
      flinkConfiguration: {
        "jobstore.expiration-time": 600,
        "taskmanager.memory.jvm-metaspace.size": "512m",
        ...(key === "shared" ? {} : FORGETFUL),
      },
    };
    const [A, B] = await Promise.all([startFlink(options), startFlink(options)]);
    return { A, B };
  }

  /** A provider process that several cases may use, one after the other or at once; for hooks that nobody kills. */
  async sharedHost(): Promise<ProviderProcess> {
    for (;;) {
      const asked = (this.host ??= this.freshHost());
      const host = await asked;
      if (host.isAlive) return host;
      if (this.host === asked) this.host = undefined;
    }
  }

  /** A provider process of one `up`. */
  freshHost(): Promise<ProviderProcess> {
    return ProviderProcess.start(this.engine.address);
  }

  /** Once no case runs any more. */
  async close(): Promise<void> {
    await Promise.all([...this.lent.values()].map(stopPair));
    await (await this.host)?.kill();
    this.engine.close();
  }
}

async function stopPair({ pair }: Lent): Promise<void> {
  const { A, B } = await pair;
  await Promise.all([A.stop(), B.stop()]);
}

/** For cases that need a cluster to themselves: it soon forgets what became of a savepoint, and sees that a TaskManager is gone. */
const FORGETFUL = {
  "rest.async.store-duration": "2 s",
  "heartbeat.interval": 1_000,
  "heartbeat.timeout": 30_000,
};
