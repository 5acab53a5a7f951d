/** Which page of this browser has a take. Browsers without locks have one page as a rule. */
const PREFIX = "xinqiao.take.";

/** Does it unless another page has the take. */
export async function alone(take: string, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  if (!("locks" in navigator)) return act();
  await navigator.locks.request(PREFIX + take, { ifAvailable: true }, (lock) => (lock && !signal.aborted ? act() : undefined));
}

/** Has the take until what it returns is called, or the page dies. */
export function hold(take: string): () => void {
  let release: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    release = resolve;
  });
  if ("locks" in navigator) void navigator.locks.request(PREFIX + take, () => over).catch(() => undefined);
  return release;
}

/** The takes that a page has now, this one too. */
export async function heldTakes(): Promise<ReadonlySet<string>> {
  if (!("locks" in navigator)) return new Set();
  const { held = [], pending = [] } = await navigator.locks.query();
  return new Set([...held, ...pending].map(({ name = "" }) => name.slice(PREFIX.length)));
}
