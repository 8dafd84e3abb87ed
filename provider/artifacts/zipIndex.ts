import type { FileHandle } from "node:fs/promises";

/** Where the index of a zip file lies. */
export interface ZipIndex {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly entries: number;
}

/** What the index of a zip file ends with: one record, and before it two more where numbers are too large for that. */
const END = { signature: 0x06054b50, size: 22 };
const END_64 = { signature: 0x06064b50, size: 56 };
const LOCATOR_64 = { signature: 0x07064b50, size: 20 };
const MAX_COMMENT = 0xffff;
/** In place of a number that the wider record has. */
const WIDER_16 = 0xffff;
const WIDER_32 = 0xffffffff;
/** Of zip files with wide numbers. */
const VERSION_64 = 45;

/**
 * Finds the index of a zip file.
 *
 * @throws an error with a reason where it is none.
 */
export async function readZipIndex(file: FileHandle, size: number): Promise<ZipIndex> {
  const start = Math.max(0, size - END.size - MAX_COMMENT - LOCATOR_64.size);
  const tail = await readAt(file, start, size - start);
  const at = findEnd(tail);
  const locator = at - LOCATOR_64.size;
  const wide = locator >= 0 && tail.readUInt32LE(locator) === LOCATOR_64.signature;
  const index = wide
    ? await readWideEnd(file, Number(tail.readBigUInt64LE(locator + 8)), size)
    : {
        entries: tail.readUInt16LE(at + 10),
        sizeBytes: tail.readUInt32LE(at + 12),
        offset: tail.readUInt32LE(at + 16),
      };
  if (index.offset + index.sizeBytes > start + at) throw new Error("its index goes on beyond its end");
  return index;
}

/** The last end record whose comment ends with the file. */
function findEnd(tail: Buffer): number {
  for (let at = tail.length - END.size; at >= 0; at--) {
    const found = tail.readUInt32LE(at) === END.signature;
    if (found && at + END.size + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  throw new Error("it has no index");
}

async function readWideEnd(file: FileHandle, offset: number, size: number): Promise<ZipIndex> {
  if (offset + END_64.size > size) throw new Error("its index begins beyond its end");
  const end = await readAt(file, offset, END_64.size);
  if (end.readUInt32LE(0) !== END_64.signature) throw new Error("it has no index");
  const number = (position: number): number => Number(end.readBigUInt64LE(position));
  return { entries: number(32), sizeBytes: number(40), offset: number(48) };
}

/** What stands behind an index. */
export function zipEnd({ offset, sizeBytes, entries }: ZipIndex): Buffer {
  const end = Buffer.alloc(END.size);
  end.writeUInt32LE(END.signature, 0);
  end.writeUInt16LE(Math.min(entries, WIDER_16), 8);
  end.writeUInt16LE(Math.min(entries, WIDER_16), 10);
  end.writeUInt32LE(Math.min(sizeBytes, WIDER_32), 12);
  end.writeUInt32LE(Math.min(offset, WIDER_32), 16);
  if (entries < WIDER_16 && sizeBytes < WIDER_32 && offset < WIDER_32) return end;
  const wide = Buffer.alloc(END_64.size);
  wide.writeUInt32LE(END_64.signature, 0);
  wide.writeBigUInt64LE(BigInt(END_64.size - 12), 4);
  wide.writeUInt16LE(VERSION_64, 12);
  wide.writeUInt16LE(VERSION_64, 14);
  for (const [position, value] of [
    [24, entries],
    [32, entries],
    [40, sizeBytes],
    [48, offset],
  ] as const) {
    wide.writeBigUInt64LE(BigInt(value), position);
  }
  const locator = Buffer.alloc(LOCATOR_64.size);
  locator.writeUInt32LE(LOCATOR_64.signature, 0);
  locator.writeBigUInt64LE(BigInt(offset + sizeBytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([wide, locator, end]);
}

/** @throws an error where the file ends before. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  if (bytesRead < length) throw new Error("it ends too early");
  return bytes;
}
