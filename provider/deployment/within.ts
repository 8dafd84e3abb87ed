/** What an answer gives, or, once the time is over, what stands in for it. The answer is then waited for no more. */
export async function within<T>(timeoutMs: number, answer: Promise<T>, otherwise: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise()), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Why a cluster counts as unreachable that gave no answer within the time. */
export function tooLate(timeoutMs: number): string {
  return `it did not answer within ${timeoutMs / 1000} s`;
}
