import { parseTime } from "@core/format";
import type { Schemas } from "@core/protocol";

export type Terms = Schemas["Terms"];

const DAY_MS = 24 * 3600_000;

export interface Remaining {
  /** Questions that the patient may still ask; null without a limit. */
  rounds: number | null;
  /** Until when, ms since the epoch; null without an end. */
  until: number | null;
  /** Which limit has been reached. The server decides; a clock that has run past the end does not wait for it. */
  over: "rounds" | "time" | null;
  /** It ends within a day. */
  soon: boolean;
}

/** What is left of a consultation's service terms at `now`; null when it has none. */
export function remaining({ rounds, rounds_used, until, over }: Terms, now: number): Remaining | null {
  if (rounds === null && until === null) return null;
  const end = until === null ? null : parseTime(until);
  const ended = end !== null && end <= now;
  return {
    rounds: rounds === null ? null : Math.max(0, rounds - rounds_used),
    until: end,
    over: over ?? (ended ? "time" : null),
    soon: end !== null && !ended && end - now < DAY_MS,
  };
}
