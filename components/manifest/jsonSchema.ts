import { z } from "zod";
import { UNKNOWN_VALUE } from "../../provider/values/unknown";
import { deploymentSchema } from "./schema";

/** The JSON schema of a Deployment document, for editors: made of the very schema that documents are checked with. */
export function deploymentJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(deploymentSchema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => {
      // No document holds a value that is not known yet.
      const { anyOf, ...rest } = jsonSchema;
      const meant = anyOf?.find((alternative) => !("const" in alternative && alternative.const === UNKNOWN_VALUE));
      if (meant === undefined) return;
      delete jsonSchema.anyOf;
      Object.assign(jsonSchema, meant, rest);
    },
  });
  return {
    $schema,
    title: "Deployment",
    description: "A Deployment of Application Manager or Ververica Platform, as pulumi-flink reads it.",
    ...schema,
  };
}
