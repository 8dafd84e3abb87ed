import { text } from "node:stream/consumers";
import * as yauzl from "yauzl";
import { plainText } from "../values/plainText";
import { ArtifactError } from "./artifactError";
import { BlockReader } from "./blockReader";

/** What a jar says of itself, and of one class. */
export interface JarFacts {
  /** The class that the manifest names as the one to run. */
  readonly mainClass?: string;
  /** The class that would be run: the one asked for, else the manifest's. */
  readonly entryClass?: string;
  /**
   * Whether that class is in the jar. `maybe`: not at its place, but the jar holds other jars in `lib/`, which Flink
   * adds to the class path.
   */
  readonly hasEntryClass: "yes" | "no" | "maybe";
  /** A class of the same simple name in another package, where the one to run is not there. */
  readonly similarClass?: string;
  /** Those of the names asked for that the jar has already; absent: none. */
  readonly taken?: readonly string[];
}

const MANIFEST = "META-INF/MANIFEST.MF";
const MAX_MANIFEST_BYTES = 1024 * 1024;
/** The largest jars have some hundred thousand. */
const MAX_ENTRIES = 1_000_000;
/** Longer ones are no classes. Java's own limit is 65535 bytes. */
const MAX_CLASS_LENGTH = 1_000;
const MAX_REASON_LENGTH = 500;
/** What Flink takes out of a jar and adds to the class path. */
const LIBRARY = /^lib\/.+\.jar$/;

/**
 * Reads the index of a jar, and its manifest; nothing else is unpacked.
 *
 * @param names - of files that are to be packed into it.
 * @throws {ArtifactError} FLINK_ARTIFACT_NOT_A_JAR
 */
export async function inspectJar(
  path: string,
  entryClass: string | undefined,
  names: readonly string[] = [],
): Promise<JarFacts> {
  return unlessNoJar(async () => {
    const manifest = await readManifest(path);
    const mainClass = classIn(manifest, "program-class") ?? classIn(manifest, "main-class");
    const wanted = entryClass ?? mainClass;
    const { found, libraries, similarClass, taken } = await lookFor(path, wanted, new Set(names));
    return {
      ...(mainClass === undefined ? {} : { mainClass }),
      ...(wanted === undefined ? {} : { entryClass: wanted }),
      hasEntryClass: found ? "yes" : libraries && wanted !== undefined ? "maybe" : "no",
      ...(found || similarClass === undefined ? {} : { similarClass }),
      ...(taken.length === 0 ? {} : { taken }),
    };
  });
}

/**
 * Whether a jar that others depend on holds a class. Jars within it are not looked for: Flink does not, either.
 *
 * @throws {ArtifactError} FLINK_ARTIFACT_NOT_A_JAR
 */
export async function holdsClass(path: string, wanted: string | undefined): Promise<boolean> {
  return unlessNoJar(async () => (await lookFor(path, wanted, new Set())).found);
}

async function unlessNoJar<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const reason = plainText(error instanceof Error ? error.message : String(error), MAX_REASON_LENGTH);
    throw new ArtifactError("FLINK_ARTIFACT_NOT_A_JAR", `is not a jar: ${reason}`);
  }
}

/** The names and entries of a zip file, in the order of its index. Names are not checked: none is used as a path. */
async function* entriesOf(zip: yauzl.ZipFile): AsyncGenerator<{ name: string; entry: yauzl.Entry }> {
  if (zip.entryCount > MAX_ENTRIES) throw new Error(`it says that it holds more than ${MAX_ENTRIES} files`);
  for await (const entry of zip.eachEntry()) {
    yield { name: entry.fileNameRaw.toString("utf8"), entry };
  }
}

async function openZip(path: string): Promise<yauzl.ZipFile> {
  const reader = await BlockReader.open(path);
  const options = { lazyEntries: true, decodeStrings: false, autoClose: false };
  try {
    return await yauzl.fromRandomAccessReaderPromise(reader, reader.size, options);
  } catch (error) {
    await reader.end();
    throw error;
  }
}

async function readManifest(path: string): Promise<ReadonlyMap<string, string>> {
  const zip = await openZip(path);
  try {
    for await (const { name, entry } of entriesOf(zip)) {
      if (name.toUpperCase() !== MANIFEST) continue;
      if (entry.uncompressedSize > MAX_MANIFEST_BYTES) throw new Error("its manifest is larger than 1 MiB");
      return parseManifest(await text(await zip.openReadStreamPromise(entry)));
    }
    return new Map();
  } finally {
    zip.close();
  }
}

/** The main attributes of a manifest, by lower-case name. */
function parseManifest(manifest: string): ReadonlyMap<string, string> {
  // A line that begins with a space goes on with the one before; an empty line ends the main attributes.
  const [main = ""] = manifest.replace(/\r\n?/g, "\n").split("\n\n");
  const attributes = new Map<string, string>();
  for (const line of main.replace(/\n /g, "").split("\n")) {
    const [, name, value] = /^([A-Za-z0-9_-]+): ?(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && value.trim() !== "") {
      attributes.set(name.toLowerCase(), value.trim());
    }
  }
  return attributes;
}

interface Findings {
  readonly found: boolean;
  readonly similarClass?: string;
  /** Whether there are jars in its lib/. */
  readonly libraries: boolean;
  readonly taken: readonly string[];
}

async function lookFor(path: string, wanted: string | undefined, names: ReadonlySet<string>): Promise<Findings> {
  const wantedFile = wanted === undefined ? undefined : `${wanted.replaceAll(".", "/")}.class`;
  const wantedSimple = wanted === undefined ? undefined : `/${wanted.slice(wanted.lastIndexOf(".") + 1)}.class`;
  let found = false;
  let similar: string | undefined;
  let libraries = false;
  const taken = new Set<string>();
  const zip = await openZip(path);
  try {
    for await (const { name } of entriesOf(zip)) {
      found ||= name === wantedFile;
      if (found && names.size === 0) break;
      if (wantedSimple !== undefined && isSimilar(name, wantedSimple)) similar ??= name;
      libraries ||= LIBRARY.test(name);
      // Of a folder, too: a file cannot have its name.
      for (const part of [name, name.split("/", 1)[0] ?? ""]) if (names.has(part)) taken.add(part);
    }
  } finally {
    zip.close();
  }
  return {
    found,
    ...(similar === undefined ? {} : { similarClass: classOf(similar) }),
    libraries,
    taken: [...taken],
  };
}

function isSimilar(name: string, simple: string): boolean {
  return `/${name}`.toLowerCase().endsWith(simple.toLowerCase()) && isClassName(classOf(name));
}

function classOf(file: string): string {
  return file.slice(0, -".class".length).replaceAll("/", ".");
}

function classIn(manifest: ReadonlyMap<string, string>, attribute: string): string | undefined {
  const name = manifest.get(attribute);
  if (name !== undefined && !isClassName(name)) {
    throw new Error(`${attribute} in its manifest is not the name of a class`);
  }
  return name;
}

/** Nothing that a terminal or a request would take for something else. */
function isClassName(name: string): boolean {
  return name.length <= MAX_CLASS_LENGTH && /^[^\s\p{Cc}/\\;[]+$/u.test(name);
}
