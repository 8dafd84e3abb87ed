import * as pulumi from "@pulumi/pulumi";

const MODULE = "flink";

/**
 * What is made beside a resource goes where that goes: same parent, same provider, and renamed together with it.
 *
 * @param of - the resource's type.
 * @param type - that of what is made beside it.
 */
export function besideOptions(
  opts: pulumi.CustomResourceOptions,
  of: string,
  type: string,
  suffix: string,
): pulumi.CustomResourceOptions {
  const { parent, provider: ownProvider, protect, retainOnDelete } = opts;
  return {
    ...(parent === undefined ? {} : { parent }),
    ...(ownProvider === undefined ? {} : { provider: ownProvider }),
    ...(protect === undefined ? {} : { protect }),
    ...(retainOnDelete === undefined ? {} : { retainOnDelete }),
    ...(opts.aliases === undefined
      ? {}
      : { aliases: opts.aliases.map((alias) => besideAlias(alias, of, type, suffix)) }),
  };
}

type AliasInput = NonNullable<pulumi.CustomResourceOptions["aliases"]>[number];

/** The alias of a resource, said of what is beside it: a rename takes the uid with it, and leaves none to a namesake. */
function besideAlias(alias: AliasInput, of: string, type: string, suffix: string): AliasInput {
  return pulumi.output(alias).apply((known) =>
    typeof known === "string"
      ? known.replace(`${MODULE}:${of}::`, `${MODULE}:${type}::`) + `-${suffix}`
      : {
          ...known,
          ...(known.name === undefined ? {} : { name: pulumi.interpolate`${known.name}-${suffix}` }),
          ...(known.type === undefined ? {} : { type: `pulumi-nodejs:dynamic/${MODULE}:${type}` }),
        },
  );
}
