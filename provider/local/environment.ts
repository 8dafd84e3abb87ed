/**
 * An environment for processes that this one starts: all of it, because jobs and Maven find credentials of their own
 * there, without what is Pulumi's (its access token and passphrase) and this package's.
 */
export function withoutPulumi(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("PULUMI_")));
}
