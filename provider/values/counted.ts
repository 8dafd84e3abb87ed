/** A number of things, in words: `1 checkpoint`, `2 checkpoints`. */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
