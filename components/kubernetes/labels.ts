import { z } from "zod";
import { WRONG_KEY } from "../../provider/checks/issues";
import { isSubdomain, orUnknown, scalar } from "../../provider/checks/leaves";

/* Labels as Kubernetes takes them: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/. */

const WORD = /^[A-Za-z0-9](?:[-_.A-Za-z0-9]*[A-Za-z0-9])?$/;
const MAX_WORD = 63;

/** Labels of objects, by their keys. */
export function labels(): z.ZodType<Readonly<Record<string, string>>> {
  return orUnknown(
    z.record(z.string(), scalar()).superRefine((map, context) => {
      for (const [key, value] of Object.entries(map)) {
        if (!isKey(key)) {
          const message = `is not a label's key: it must have ${RULE}, and may have a domain before it, as in "example.org/team"`;
          context.addIssue({ code: "custom", path: [key], message, params: WRONG_KEY });
        }
        if (value !== "" && !isWord(value)) {
          const message = `must be a label's value, with ${RULE}, but is ${JSON.stringify(value)}`;
          context.addIssue({ code: "custom", path: [key], message });
        }
      }
    }),
  );
}

const RULE = `at most ${MAX_WORD} letters, digits, "-", "_" and ".", beginning and ending with a letter or digit`;

function isKey(key: string): boolean {
  const [name = "", domain, ...more] = key.split("/").reverse();
  return isWord(name) && (domain === undefined || isSubdomain(domain)) && more.length === 0;
}

/** Pulumi's unknown value is one too. */
function isWord(text: string): boolean {
  return text.length <= MAX_WORD && WORD.test(text);
}
