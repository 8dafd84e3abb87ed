/** How often one operation tries something: not more often than the program says, and not less before it gives up. */
export class Attempts {
  private most = 0;
  private readonly times = new Map<string, number>();
  private goneOnWith = new Set<string>();
  private disturbed = false;

  /** @param wrong - told of what must not happen. */
  constructor(private readonly wrong: (what: string) => void) {}

  /**
   * Another operation begins.
   *
   * @param most - what the program says; undefined: what it said last.
   * @param stopping - the jobs whose stop is under way already: it is gone on with, and counts.
   * @param disturbed - something will go wrong between Pulumi and Flink.
   */
  begin(most: number | undefined, stopping: readonly string[], disturbed: boolean): void {
    this.most = most ?? this.most;
    this.times.clear();
    this.goneOnWith = new Set(stopping);
    this.disturbed = disturbed;
  }

  stop(jobId: string): void {
    this.count(`stops of job ${jobId}`);
  }

  start(digest: string, cluster: string): void {
    this.count(`starts of ${digest} at ${cluster}`);
  }

  /** An operation was refused with this message. */
  refused(message: string): void {
    const [, jobId = "", said] = /No savepoint of job (\w+) could be taken in (\d+) attempt/.exec(message) ?? [];
    if (said === undefined || this.disturbed) return;
    const made = (this.times.get(`stops of job ${jobId}`) ?? 0) + (this.goneOnWith.has(jobId) ? 1 : 0);
    if (made < Number(said)) this.wrong(`${said} stops of job ${jobId} are spoken of, and ${String(made)} were made`);
  }

  private count(what: string): void {
    const times = (this.times.get(what) ?? 0) + 1;
    this.times.set(what, times);
    if (times > this.most) this.wrong(`${String(times)} ${what}, of ${String(this.most)} at most`);
  }
}
