import { open, type FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import { RandomAccessReader } from "yauzl";

const BLOCK_BYTES = 1024 * 1024;

/** Reads a file by blocks: the index of a zip file is read in steps of a few bytes, tens of thousands of them. */
export class BlockReader extends RandomAccessReader {
  private block: { readonly start: number; readonly bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };

  private constructor(
    private readonly file: FileHandle,
    readonly size: number,
  ) {
    super();
  }

  static async open(path: string): Promise<BlockReader> {
    const file = await open(path, "r");
    try {
      return new BlockReader(file, (await file.stat()).size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return this.file.createReadStream({ start, end: end - 1, autoClose: false });
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const from = position - this.block.start;
    if (from >= 0 && from + length <= this.block.bytes.length) {
      this.block.bytes.copy(buffer, offset, from, from + length);
      callback(null);
      return;
    }
    this.load(position, length).then(
      (bytes) => {
        bytes.copy(buffer, offset, 0, length);
        callback(bytes.length < length ? new Error("it ends too early") : null);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  }

  private async load(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.max(length, Math.min(BLOCK_BYTES, this.size - position)));
    const { bytesRead } = await this.file.read(bytes, 0, bytes.length, position);
    this.block = { start: position, bytes: bytes.subarray(0, bytesRead) };
    return this.block.bytes;
  }

  /** Closes the file; a zip file that was opened does it by itself. */
  async end(): Promise<void> {
    await this.file.close();
  }

  override close(callback: (error: Error | null) => void): void {
    this.end().then(
      () => callback(null),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  }
}
