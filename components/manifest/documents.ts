import { isMap, isScalar, LineCounter, parseAllDocuments, visit, type Document, type Pair, type YAMLError } from "yaml";
import type { DeploymentIssue } from "./findings";

/* From text to plain values. JSON is YAML. */

/** The documents of a text, or why it is none. */
export interface ReadDocuments {
  readonly documents: readonly unknown[];
  readonly issues: readonly DeploymentIssue[];
}

/** Reads all documents of a text; those without content are left out. */
export function readDocuments(text: string): ReadDocuments {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const documents: unknown[] = [];
  const issues: DeploymentIssue[] = [];
  for (const document of parsed as readonly Document.Parsed[]) {
    const wrong = [...document.errors, ...document.warnings];
    issues.push(...wrong.map((error) => syntaxIssue(error, lines)));
    if (wrong.length > 0 || document.contents === null) continue;
    keepTexts(document);
    try {
      const value: unknown = document.toJS();
      if (value !== null) documents.push(value);
    } catch (error) {
      // Aliases that stand for nothing, or for too much.
      issues.push({ path: "", message: `cannot be read as YAML: ${(error as Error).message}` });
    }
  }
  return { documents, issues };
}

function syntaxIssue({ pos, message }: YAMLError, lines: LineCounter): DeploymentIssue {
  const { line, col } = lines.linePos(pos[0]);
  return { path: `line ${line}, column ${col}`, message: `cannot be read as YAML: ${message}` };
}

/** Keys whose value is a text, although it may look like a number: `flinkVersion: 1.20` is not 1.2. */
const TEXT_KEYS = ["name", "displayName", "flinkVersion", "flinkImageTag", "mainArgs", "sessionClusterName", "value"];
/** Keys whose value is a map of texts. */
const TEXT_MAPS = ["labels", "annotations", "flinkConfiguration", "nodeSelector"];

function keepTexts(document: Document.Parsed): void {
  visit(document, {
    Pair(_, pair) {
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      if (typeof key !== "string") return;
      if (TEXT_KEYS.includes(key)) keepText(pair);
      if (TEXT_MAPS.includes(key) && isMap(pair.value)) pair.value.items.forEach(keepText);
    },
  });
}

function keepText({ value }: Pair): void {
  if (!isScalar(value) || value.source === undefined) return;
  if (typeof value.value === "number" || typeof value.value === "boolean") value.value = value.source;
}
