import * as pulumi from "@pulumi/pulumi";

/**
 * The URN that a resource will have, as an input of its own: hooks are not told theirs.
 *
 * It carries no dependency. One on the parent would be one on all of the parent's children, this resource among them:
 * each would wait for itself.
 */
export function ownUrn(name: string, type: string, parent: pulumi.Resource | undefined): pulumi.Output<string> {
  const urn = pulumi.createUrn(name, `pulumi-nodejs:dynamic/flink:${type}`, parent);
  return pulumi.output(new Promise<string>((resolve) => urn.apply(resolve)));
}
