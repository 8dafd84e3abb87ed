import { canonicalJson, sha256Hex } from "../values/canonicalJson";
import { bring } from "./bring";
import type { ArtifactSource } from "./source";
import type { TransferOptions } from "./transfer";

/** What is known of a file without keeping it. */
export interface FileFacts {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** What somebody looks for in a file. Its answer is learned with the file, by these words. */
interface Question<T extends object> {
  /** Undefined: nothing but its content is asked about. */
  readonly words: unknown;
  readonly look: (path: string, sha256: string) => Promise<T>;
}

interface Learned {
  readonly content: FileFacts;
  readonly validator?: string;
  readonly answers: Map<string, object>;
}

/**
 * What this process learned of files on servers, so that a check followed by a diff fetches once. Each entry is asked
 * for again with its validator: the server decides whether it still holds.
 */
const learned = new Map<string, Learned>();

/**
 * Reads a file where it is. A local one is read each time; one on a server is fetched again only if the server has another
 * one, and not at all if it was seen with the content that is expected.
 *
 * @throws {ArtifactError}
 */
export async function examine<T extends object>(
  source: ArtifactSource,
  question: Question<T>,
  options: TransferOptions = {},
  expectedSha256?: string,
): Promise<FileFacts & T> {
  const key = keyOf(source);
  const words = canonicalJson([question.words]);
  const known = key === undefined ? undefined : learned.get(key);
  // The same question gave it.
  const answer = (question.words === undefined ? {} : known?.answers.get(words)) as T | undefined;
  const facts = known === undefined || answer === undefined ? undefined : { ...known.content, ...answer };
  if (facts !== undefined && expectedSha256 === facts.sha256) return facts;
  const validator = facts === undefined ? undefined : known?.validator;
  const local = await bring(source, { ...options, ...(validator === undefined ? {} : { validator }) });
  // Not modified, so there was a validator, and with it an answer.
  if (local === undefined) return facts as FileFacts & T;
  try {
    const { sha256, sizeBytes, validator: tag } = local;
    const found = await question.look(local.path, sha256);
    if (key !== undefined) {
      const answers = known?.content.sha256 === sha256 ? known.answers : new Map<string, object>();
      answers.set(words, found);
      learned.set(key, { content: { sha256, sizeBytes }, answers, ...(tag === undefined ? {} : { validator: tag }) });
    }
    return { sha256, sizeBytes, ...found };
  } finally {
    await local.dispose();
  }
}

/** The SHA-256 of a file, where nothing else is asked. */
export async function digestAt(source: ArtifactSource, options: TransferOptions): Promise<string> {
  const { sha256 } = await examine(source, { words: undefined, look: () => Promise.resolve({}) }, options);
  return sha256;
}

/** Headers decide what a server gives; hashed, so that no secret is kept as a key. Undefined: it is on no server. */
function keyOf(source: ArtifactSource): string | undefined {
  switch (source.kind) {
    case "http":
      return sha256Hex(canonicalJson([source.url.href, source.headers]));
    case "s3":
      return sha256Hex(canonicalJson(source.object));
    case "file":
    case "image":
      return undefined;
  }
}
