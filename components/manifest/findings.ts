/** Something that is said of a place in a document. */
export interface DeploymentIssue {
  /** Where it is, such as `spec.template.spec.parallelism` or `metadata.labels["a.b"]`; empty: the whole document. */
  readonly path: string;
  /** Completes the sentence that begins with the path: what was found, and what would be right. */
  readonly message: string;
  /** Which document of several it is in, counted from 1. */
  readonly document?: number;
}

/** What is found out about one document: issues refuse it, warnings only say how it was understood. */
export class Findings {
  readonly issues: DeploymentIssue[] = [];
  readonly warnings: DeploymentIssue[] = [];

  issue(path: string, message: string): void {
    this.issues.push({ path, message });
  }

  warn(path: string, message: string): void {
    this.warnings.push({ path, message });
  }
}

/** A finding as a line for people. */
export function inWords({ document, path, message }: DeploymentIssue): string {
  const where = [document === undefined ? "" : `document ${document}:`, path].filter((part) => part !== "");
  return [...where, message].join(" ");
}
