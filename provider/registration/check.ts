import { z } from "zod";
import { checkSchema } from "../checks/checkSchema";
import type { InputFailure } from "../checks/issues";
import { duration, hexadecimal, orUnknown, text, wholeNumber } from "../checks/leaves";
import { endpointSchema } from "../deployment/schema";
import { containsUnknown } from "../values/unknown";
import type { RegistrationInputs } from "./inputs";
import { rememberForced } from "./forced";

const schema = z.strictObject({
  endpoint: endpointSchema,
  clusterName: text(),
  taskManagers: wholeNumber(1),
  slots: wholeNumber(1),
  clusterReadyTimeout: duration("positive").default("5 min"),
  rolloutOf: text().optional(),
  highAvailabilityDirectory: text().optional(),
  forceCancellationOf: orUnknown(z.array(hexadecimal(32, "the id of a job"))).default([]),
  resourceUrn: text().optional(),
  __provider: text().optional(),
});

/** The arguments with their defaults, and all that is wrong with them. */
export function checkRegistration(news: Record<string, unknown>): {
  inputs: RegistrationInputs;
  failures: InputFailure[];
} {
  const { inputs, wrong } = checkSchema<RegistrationInputs>(
    schema,
    () => ["clusterReadyTimeout", "rolloutOf", "highAvailabilityDirectory", "forceCancellationOf"],
    news,
  );
  if (wrong.length === 0 && !containsUnknown([inputs.resourceUrn, inputs.forceCancellationOf])) {
    rememberForced(inputs.resourceUrn, inputs.forceCancellationOf);
  }
  return { inputs, failures: wrong };
}
