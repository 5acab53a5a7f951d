/** Exponential back-off with full jitter: attempt 0, 1, 2, ... -> milliseconds to wait, at most `most`. */
export function backoff(attempt: number, { first = 500, most = 30_000, random = Math.random } = {}): number {
  const ceiling = Math.min(most, first * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling * (0.2 + 0.8 * random()));
}
