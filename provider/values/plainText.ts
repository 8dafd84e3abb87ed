/** Control characters but the line feed and the tab, and those that turn the direction of a line. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text of a server as it may be shown on a terminal: without control characters, and no longer than so many characters;
 * of a longer one the beginning and the end are kept.
 */
export function plainText(text: string, maxLength: number): string {
  const bounded =
    text.length <= maxLength
      ? text
      : `${text.slice(0, Math.ceil(maxLength / 2))}\n…\n${text.slice(text.length - Math.floor(maxLength / 2))}`;
  return bounded.replaceAll("\r\n", "\n").replace(UNPRINTABLE, "\ufffd");
}
