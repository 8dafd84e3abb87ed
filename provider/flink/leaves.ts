import { z } from "zod";
import { plainText } from "../values/plainText";

/*
 * The parts that Flink's answers are made of. The server may be any: what it says goes into paths, commands that users
 * copy, terminals and dates.
 */

/** The furthest time that JavaScript has a date for. */
const MAX_TIME = 8.64e15;
const MAX_NAME_LENGTH = 500;
const MAX_PATH_LENGTH = 4_096;
/** No more is said of one list: its other items are not even looked at. */
const MAX_ISSUES = 3;

/** A whole number from 0 on. */
export const count = z.number().int().min(0);

/** A whole number that may be -1 for none. */
export const wholeNumber = z.number().int();

/** Milliseconds since 1970; below 0 for never. */
export const time = z.number().int().min(-MAX_TIME).max(MAX_TIME);

/** The id of a job: nothing that could stand for anything else in a path or a command. */
export const jobId = z.string().regex(/^[0-9a-f]{32}$/, "is not the id of a job");

/** A name for people. */
export const name = z.string().transform((text) => plainText(text, MAX_NAME_LENGTH));

/** Where Flink keeps a snapshot. */
export const location = z
  .string()
  .max(MAX_PATH_LENGTH)
  .regex(/^\P{Cc}*$/u, "holds control characters");

/** The name of one file, which an uploaded jar's id is: never a path. */
export const fileName = z
  .string()
  .max(255)
  .regex(/^(?!\.{1,2}$)[^/\\\p{Cc}]+$/u, "is not the name of a file");

/** A list that is refused at its first wrong item: a list of a million of them must not give a million issues. */
export function listOf<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return z.array(z.unknown()).transform((items, context): T[] => {
    const read: T[] = [];
    for (const [index, each] of items.entries()) {
      const result = item.safeParse(each);
      if (!result.success) {
        addIssues(context, index, result.error);
        return z.NEVER;
      }
      read.push(result.data);
    }
    return read;
  });
}

/** Likewise an object that is used as a map. */
export function mapOf<T>(value: z.ZodType<T>): z.ZodType<[key: string, value: T][]> {
  return z
    .custom<object>((it) => typeof it === "object" && it !== null && !Array.isArray(it), "expected an object")
    .transform((it, context): [string, T][] => {
      const read: [string, T][] = [];
      for (const [key, each] of Object.entries(it)) {
        const result = value.safeParse(each);
        if (!result.success) {
          addIssues(context, key, result.error);
          return z.NEVER;
        }
        read.push([key, result.data]);
      }
      return read;
    });
}

function addIssues(context: z.RefinementCtx, key: PropertyKey, error: z.ZodError): void {
  for (const { path, message } of error.issues.slice(0, MAX_ISSUES)) {
    context.addIssue({ code: "custom", path: [key, ...path], message });
  }
}
