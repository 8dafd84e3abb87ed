/**
 * A copy of a resource's outputs as Pulumi can keep them: like JSON, and nowhere `undefined`, which its protocol calls
 * an "Unexpected struct type".
 */
export function plainOutputs<T extends object>(outputs: T): T {
  return JSON.parse(JSON.stringify(outputs)) as T;
}
