/** Arguments that are refused before anything is done. */
export interface BadInput {
  /** What the user has done, as a row of the table reads. */
  readonly what: string;
  readonly of: "FlinkDeployment" | "FlinkEndpoint" | "SessionCluster" | "LocalCluster" | "Savepoint";
  /** Beside the least that is needed; `library` is the address of a jar with no class to run. */
  readonly args: Record<string, unknown> | ((library: string) => Record<string, unknown>);
  /** The resource's name. Default: `orders`. */
  readonly name?: string;
  /** The property, and what is said of it. Folders of this machine are `…`. */
  readonly says: string;
  /** It may still be right: said, and gone on with. Default: refused. */
  readonly isWarning?: boolean;
}
