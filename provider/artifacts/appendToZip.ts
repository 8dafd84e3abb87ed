import { open, type FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { readZipIndex, zipEnd } from "./zipIndex";

/** A file that goes into a zip file. */
export interface ZipAddition {
  /** Its name in it. */
  readonly name: string;
  readonly path: string;
}

/** Offsets and sizes of the entries are written in so many bytes. */
export const MAX_ZIP_BYTES = 0xffffffff;

const LOCAL_SIGNATURE = 0x04034b50;
const INDEX_SIGNATURE = 0x02014b50;
/** Zip's own version 1.0, and names in UTF-8. */
const VERSION = 10;
const UTF8_NAME = 0x0800;
/** The first of January 1980, zip's first day: the same files make the same bytes at any time. */
const FIRST_DAY = 0x0021;
const CHUNK_BYTES = 1024 * 1024;

/** What an entry's two headers share. */
interface Entry {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly crc: number;
}

/**
 * Writes a zip file with all that another one has, byte by byte as it is there, and with more files behind, which are
 * stored as they are. Compressing anew would be slow, and give other bytes with another version of zlib. Memory grows
 * with neither. Nothing may be larger than {@link MAX_ZIP_BYTES}, and no name may be there already.
 */
export async function appendToZip(
  original: string,
  additions: readonly ZipAddition[],
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const output = await Output.create(target, signal);
  try {
    const input = await open(original, "r");
    try {
      const index = await readZipIndex(input, (await input.stat()).size);
      await output.copy(input, 0, index.offset);
      const added: Entry[] = [];
      for (const addition of additions) added.push(await append(output, addition));
      const offset = output.position;
      await output.copy(input, index.offset, index.sizeBytes);
      for (const entry of added) await output.write(indexHeader(entry));
      const entries = index.entries + added.length;
      await output.write(zipEnd({ offset, sizeBytes: output.position - offset, entries }));
    } finally {
      await input.close();
    }
  } finally {
    await output.close();
  }
}

/** Its size and its checksum are known once it is copied: its header is written then. */
async function append(output: Output, { name, path }: ZipAddition): Promise<Entry> {
  const offset = output.position;
  await output.write(localHeader({ name, offset, size: 0, crc: 0 }));
  const input = await open(path, "r");
  try {
    const { size } = await input.stat();
    const entry = { name, offset, size, crc: await output.copy(input, 0, size) };
    await output.overwrite(localHeader(entry), offset);
    return entry;
  } finally {
    await input.close();
  }
}

function localHeader(entry: Entry): Buffer {
  const { header, name } = headerOf(entry, 30, 4);
  header.writeUInt32LE(LOCAL_SIGNATURE, 0);
  return Buffer.concat([header, name]);
}

function indexHeader(entry: Entry): Buffer {
  const { header, name } = headerOf(entry, 46, 6);
  header.writeUInt32LE(INDEX_SIGNATURE, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt32LE(entry.offset, 42);
  return Buffer.concat([header, name]);
}

/** Both headers have these in the same order, from different places on. */
function headerOf({ name, size, crc }: Entry, length: number, at: number): { header: Buffer; name: Buffer } {
  const header = Buffer.alloc(length);
  const bytes = Buffer.from(name);
  header.writeUInt16LE(VERSION, at);
  header.writeUInt16LE(UTF8_NAME, at + 2);
  header.writeUInt16LE(FIRST_DAY, at + 8);
  header.writeUInt32LE(crc, at + 10);
  header.writeUInt32LE(size, at + 14);
  header.writeUInt32LE(size, at + 18);
  header.writeUInt16LE(bytes.length, at + 22);
  return { header, name: bytes };
}

/** A file that is written from its beginning to its end. */
class Output {
  position = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly signal: AbortSignal | undefined,
  ) {}

  static async create(path: string, signal: AbortSignal | undefined): Promise<Output> {
    return new Output(await open(path, "wx", 0o600), signal);
  }

  async write(bytes: Buffer): Promise<void> {
    await this.overwrite(bytes, this.position);
    this.position += bytes.length;
  }

  async overwrite(bytes: Buffer, position: number): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.file.write(bytes, written, bytes.length - written, position + written);
      written += bytesWritten;
    }
  }

  /** Copies a part of another file. Gives its CRC-32. */
  async copy(input: FileHandle, from: number, length: number): Promise<number> {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, length));
    let crc = 0;
    for (let copied = 0; copied < length;) {
      this.signal?.throwIfAborted();
      const { bytesRead } = await input.read(chunk, 0, Math.min(chunk.length, length - copied), from + copied);
      if (bytesRead === 0) throw new Error("a file became shorter while it was read");
      const part = chunk.subarray(0, bytesRead);
      crc = crc32(part, crc);
      await this.write(part);
      copied += bytesRead;
    }
    return crc;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
