/** Sets variables of this process, and takes all others of the AWS SDK away. Returns what puts them back. */
export function withEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  for (const name of Object.keys(before)) if (name.startsWith("AWS_")) delete process.env[name];
  Object.assign(process.env, variables);
  return () => {
    for (const name of Object.keys(variables)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  };
}
