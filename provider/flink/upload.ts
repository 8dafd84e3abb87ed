import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import type { Answer } from "./answer";
import type { Transport } from "./transport";

const MAX_NAME_LENGTH = 180;

export type UploadProgress = (sentBytes: number, totalBytes: number) => void;

/**
 * Sends a file as the field `jarfile` of a multipart form, in constant memory.
 *
 * It may take as long as bytes flow; the transport's timeout is for the time without any.
 */
export async function uploadJarFile(
  transport: Transport,
  file: string,
  name: string,
  onProgress: UploadProgress | undefined,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  signal?.throwIfAborted();
  const { size } = await stat(file);
  const boundary = `pulumi-flink-${randomBytes(12).toString("hex")}`;
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="jarfile"; filename="${safeName(name)}"\r\n` +
      `Content-Type: application/x-java-archive\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const idle = new IdleTimer(transport.idleTimeoutMs, signal);
  const started = Date.now();

  async function* content(): AsyncGenerator<Uint8Array> {
    idle.restart();
    yield head;
    let sent = 0;
    if (size > 0) {
      // `end` is inclusive. The length was announced, so a file that grows meanwhile is cut here.
      for await (const chunk of createReadStream(file, { end: size - 1 }) as AsyncIterable<Buffer>) {
        yield chunk;
        // Resumed: the connection has taken the chunk.
        idle.restart();
        sent += chunk.length;
        onProgress?.(sent, size);
      }
    }
    yield tail;
    // What this machine and proxies still hold is not seen here: it may need as long again as it took until now.
    idle.restart(Date.now() - started);
  }

  try {
    return await transport.stream(
      "POST",
      "/jars/upload",
      {
        contentType: `multipart/form-data; boundary=${boundary}`,
        contentLength: head.length + size + tail.length,
        content: content(),
      },
      idle.signal,
    );
  } finally {
    idle.stop();
  }
}

/**
 * Flink changes some characters of a file name on its way through HTTP (`,;:=` become spaces), and its
 * own UUID and the name must fit into one file name of 255 bytes.
 */
function safeName(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9._+-]/g, "_");
  return safe.length <= MAX_NAME_LENGTH
    ? safe
    : safe.slice(0, MAX_NAME_LENGTH - ".jar".length) + safe.slice(-".jar".length);
}

/** Aborts when it was not restarted for a while once started, or when the given signal aborts. */
class IdleTimer {
  readonly signal: AbortSignal;
  private readonly own = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly timeoutMs: number,
    given: AbortSignal | undefined,
  ) {
    this.signal = given === undefined ? this.own.signal : AbortSignal.any([given, this.own.signal]);
  }

  restart(additionalMs = 0): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => this.own.abort(new DOMException("No bytes flowed in time", "TimeoutError")),
      this.timeoutMs + additionalMs,
    );
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
