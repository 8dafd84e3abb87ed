import { InvalidValueError } from "./invalidValueError";

/**
 * Splits a line of arguments at white space, where single and double quotes keep words together, also inside a word
 * (`--name="a b"`). A backslash is an ordinary character, as it is for Flink's own splitting of program arguments.
 *
 * @throws {InvalidValueError} when a quote is not closed.
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: { character: string; position: number } | undefined;
  for (const [position, character] of [...line].entries()) {
    if (quote !== undefined) {
      if (character === quote.character) quote = undefined;
      else word = (word ?? "") + character;
    } else if (character === '"' || character === "'") {
      quote = { character, position };
      // An empty pair of quotes is a word too.
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== undefined) {
    throw new InvalidValueError(
      `has a quote ${quote.character} at character ${quote.position + 1} that is not closed; ` +
        `close it, or give the arguments as a list of strings`,
    );
  }
  if (word !== undefined) words.push(word);
  return words;
}
