import * as pulumi from "@pulumi/pulumi";

/**
 * The texts that a program marked as secrets in its arguments. A provider gets them in clear and unmarked, beside all
 * others, and so could not tell what it must not show when Flink repeats it. Undefined where there can be none.
 */
export function markedSecrets(args: unknown): pulumi.Output<string[]>[] | undefined {
  const marked = outputsIn(args).map((output) =>
    pulumi
      .output(pulumi.isSecret(output))
      .apply((secret): pulumi.Output<string[]> => (secret ? output.apply(textsIn) : pulumi.output<string[]>([]))),
  );
  return marked.length === 0 ? undefined : marked;
}

/** Every Output that stands in a value, unresolved. */
function outputsIn(value: unknown): pulumi.Output<unknown>[] {
  if (pulumi.Output.isInstance(value)) return [value];
  return childrenOf(value).flatMap(outputsIn);
}

/** Every text in a plain value. */
export function textsIn(value: unknown): string[] {
  return typeof value === "string" ? [value] : childrenOf(value).flatMap(textsIn);
}

function childrenOf(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null || value instanceof Promise) return [];
  // A file is no text, and where it lies no secret.
  return pulumi.asset.Asset.isInstance(value) ? [] : Object.values(value);
}
