import { z } from "zod";

/**
 * The keys that may be written at a path of a document with this schema; none where there is no object with fixed keys.
 */
export function keysAt(schema: z.ZodType, path: readonly string[]): readonly string[] {
  let found: unknown = schema;
  for (const key of path) found = innerOf(bare(found), key);
  const object = bare(found);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function innerOf(schema: unknown, key: string): unknown {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<string, unknown>)[key];
  return schema instanceof z.ZodArray ? schema.element : undefined;
}

/** Without what only says that a value may be missing or unknown. */
function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return bare(schema.unwrap());
  // The other alternative of a union is Pulumi's unknown value.
  return schema instanceof z.ZodUnion ? bare(schema.options.at(-1)) : schema;
}
