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

function excessOf(text: string): string | undefined {
  let depth = 0;
  let values = 1;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (char === '"') index = endOfString(text, index);
    else if (char === "," || char === "[" || char === "{") values++;
    if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
    if (depth > MAX_DEPTH) return `nested more than ${MAX_DEPTH} levels deep`;
    if (values > MAX_VALUES) return `made of more than ${MAX_VALUES} values`;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const char = text[index];
    if (char === "\\") index++;
    else if (char === '"') return index;
  }
  return text.length;
}
