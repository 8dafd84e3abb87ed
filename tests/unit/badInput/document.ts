import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../../rig/repository";
import type { BadInput } from "./row";
import { BAD_INPUT } from "./table";

export const PAGE = path.join(repositoryRoot, "docs", "errors.md");

const BEGIN = "<!-- Written by `npm run docs:errors` from the table that the tests check. -->\n";
const END = "<!-- End of that table. -->\n";

/** The page with its table of bad input as the tests have it. */
export function withTable(page: string): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before === -1 || after === -1) throw new Error(`${PAGE} has no place for the table`);
  return `${page.slice(0, before)}${BEGIN}\n${table()}\n${page.slice(after)}`;
}

function table(): string {
  const rows = BAD_INPUT.map(({ what, of, says, isWarning }) => [what, `\`${of}\``, message(says, isWarning)]);
  return [["given", "to", "said"], ["---", "---", "---"], ...rows].map((row) => `| ${row.join(" | ")} |\n`).join("");
}

function message(says: string, isWarning: BadInput["isWarning"]): string {
  const text = `\`${says.replaceAll("|", "\\|")}\``;
  return isWarning === true ? `a warning: ${text}` : text;
}

if (require.main === module) writeFileSync(PAGE, withTable(readFileSync(PAGE, "utf8")));
