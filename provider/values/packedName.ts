import { percentDecoded } from "./percentDecoded";
import { s3Object } from "./s3Address";
import { safeStem } from "./uploadName";

/*
 * What `artifact.additionalDependencies` become: files in the job's own jar. Flink puts the jars in its lib/ on the
 * job's class path, and everything else in it can be found there as a resource.
 */

/** A file's name in the job's jar. */
export interface PackedName {
  readonly entryName: string;
  readonly isJar: boolean;
}

const MAX_NAME_LENGTH = 200;
/** What is no file, or is there already. */
const TAKEN = /^(?:\.{0,2}|lib|META-INF)$/i;

/** The name in the jar of the file at a checked address; undefined: its own name is none for a file in a jar. */
export function packedName(address: string): PackedName | undefined {
  const name = fileNameAt(address);
  if (name.length > MAX_NAME_LENGTH || /[/\\\p{Cc}]/u.test(name) || TAKEN.test(name)) return undefined;
  // Flink looks for the ending in lower case, and makes a file of the name.
  return /.\.jar$/i.test(name)
    ? { entryName: `lib/${safeStem(name)}.jar`, isJar: true }
    : { entryName: name, isJar: false };
}

function fileNameAt(address: string): string {
  const key = s3Object(address)?.key;
  const last = (key ?? new URL(address).pathname).split("/").at(-1) ?? "";
  return key === undefined ? percentDecoded(last) : last;
}
