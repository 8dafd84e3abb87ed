import * as pulumi from "@pulumi/pulumi";

/** A secret where there is a value: nothing is not worth hiding. */
export function secretly<T>(value: pulumi.Input<T>): pulumi.Output<unknown> {
  return pulumi
    .output(value)
    .apply((known) => (known === undefined || known === null ? undefined : pulumi.secret(known)));
}

/** Whether it is there already, rather than promised. */
export function isPlain<T extends object>(value: pulumi.Input<T>): value is T {
  return typeof value === "object" && value !== null && !pulumi.Output.isInstance(value) && !(value instanceof Promise);
}
