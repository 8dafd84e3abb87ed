/** What the contract is checked against. */
export interface Subject {
  version: "1.20.0" | "2.3.0";
  url: string;
  /** A jar with the two classes of the counting job, whose main arguments it follows. */
  jar: Uint8Array<ArrayBuffer>;
  /** A URI under which savepoints can be written, without a slash at its end. */
  savepoints: string;
  /** One under which they cannot. */
  unwritable: string;
  slots: number;
  close(): Promise<void>;
}
