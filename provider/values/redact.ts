/** Shorter ones would blot out ordinary words. */
const MIN_LENGTH = 4;
/** Lines of a longer secret, such as those of a key in PEM, are secrets of their own from this length on. */
const MIN_LINE_LENGTH = 16;

/** What stands for a secret. */
const REDACTED = "***";

/**
 * A function that takes secrets out of a text, each as it is, as JSON and addresses spell it, and line by line.
 * Secrets of fewer than four characters stay: a header such as "X-Version: 1" is none.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    for (const part of [secret, ...linesOf(secret)]) {
      if (part.length < MIN_LENGTH) continue;
      spellings.add(part);
      spellings.add(JSON.stringify(part).slice(1, -1));
      spellings.add(encodedForAddress(part));
    }
  }
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, spelling) => rest.replaceAll(spelling, REDACTED), text);
}

function linesOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  // The frame of a PEM text is the same for all.
  return lines.length === 1 ? [] : lines.filter((line) => line.length >= MIN_LINE_LENGTH && !line.startsWith("-----"));
}

function encodedForAddress(text: string): string {
  // Half a surrogate pair cannot be encoded.
  return encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd"));
}
