/** A part of an address as it is meant; empty where a `%` begins no character, which makes it no name. */
export function percentDecoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
