/** Flink's answers are nested some ten levels deep. */
const MAX_DEPTH = 64;
/** Some fifty thousand jobs. What a text of a given size becomes in memory depends on how many values it holds. */
const MAX_VALUES = 1_000_000;

/** What a text is as JSON. */
export type BoundedJson =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "noJson" }
  /** It was not parsed: its tree would be out of all proportion. In words. */
  | { readonly kind: "excessive"; readonly what: string };

/** Parses a text from a server that is not trusted to be Flink: a tree too deep or too large is never built. */
export function parseBoundedJson(text: string): BoundedJson {
  const what = excessOf(text);
  if (what !== undefined) return { kind: "excessive", what };
  try {
    return { kind: "value", value: JSON.parse(text) as unknown };
  } catch {
    return { kind: "noJson" };
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LEFT_BRACKET = 0x5b;
const RIGHT_BRACKET = 0x5d;
const LEFT_BRACE = 0x7b;
const RIGHT_BRACE = 0x7d;

function excessOf(text: string): string | undefined {
  let depth = 0;
  let values = 1;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index);
        break;
      case COMMA:
        values++;
        break;
      case LEFT_BRACKET:
      case LEFT_BRACE:
        values++;
        depth++;
        if (depth > MAX_DEPTH) return `nested more than ${MAX_DEPTH} levels deep`;
        break;
      case RIGHT_BRACKET:
      case RIGHT_BRACE:
        depth--;
    }
    if (values > MAX_VALUES) return `made of more than ${MAX_VALUES} values`;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === BACKSLASH) index++;
    else if (code === QUOTE) return index;
  }
  return text.length;
}
