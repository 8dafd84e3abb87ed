/**
 * Gives a request the time that it may take. Its signal is aborted when that is over (by a TimeoutError), or with the
 * reason of the other signal; once the request is done nothing of it is left.
 */
export async function withinLimit<T>(
  timeoutMs: number,
  giveUp: AbortSignal | undefined,
  request: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const give = (): void => limit.abort(giveUp?.reason);
  const timer = setTimeout(() => limit.abort(new DOMException("The time is over", "TimeoutError")), timeoutMs);
  if (giveUp?.aborted === true) give();
  else giveUp?.addEventListener("abort", give, { once: true });
  try {
    return await request(limit.signal);
  } finally {
    clearTimeout(timer);
    giveUp?.removeEventListener("abort", give);
  }
}
