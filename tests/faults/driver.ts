import type { Program } from "./transitions";

/** Pulumi's part in a case: carries out what its user asks for, and may be killed in the middle of it. */
export interface Driver {
  /** The update phase of `pulumi up`; whether anything was done. Only what is `killable` may be killed. */
  up(program: Program, killable: boolean): Promise<boolean>;
  refresh(): Promise<void>;
  destroy(killable: boolean): Promise<void>;
  /** Ends it with SIGKILL; returns when requests and answers may go on, also of what lives on of it. */
  kill(): Promise<void>;
  /** Returns when nothing that the killing has left acts any more; throws if that has changed anything since. */
  settled(): Promise<void>;
  /** The lines on the row of a resource so far. */
  lines(urn: string): string[];
  close(): Promise<void>;
}
