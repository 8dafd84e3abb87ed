/**
 * The address (`host:port`) of the Pulumi engine that runs this provider process: its last argument.
 *
 * Undefined outside a provider process, as in unit tests.
 */
export function engineAddress(args: readonly string[] = process.argv.slice(2)): string | undefined {
  const last = args.at(-1);
  return last !== undefined && /^[^\s/]+:\d{1,5}$/.test(last) ? last : undefined;
}
