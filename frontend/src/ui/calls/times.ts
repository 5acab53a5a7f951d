/** Bounds of the server. */
export const MOST_TIMES = 3;
const SOONEST_MS = 5 * 60_000;
const LATEST_MS = 30 * 86_400_000;
const HOURS = [9, 11, 15, 19] as const;
/** What is offered by itself can still be sent a while later. */
const USUAL_MS = 3 * SOONEST_MS;
const DAYS = 3;
const SHOWN = 8;

/** Moments worth offering, in the reader's own time zone: of this day and the next ones, by day and in the evening. */
export function usualTimes(now: number): number[] {
  const all = Array.from({ length: DAYS }, (_, days) => HOURS.map((hour) => at(now, days, hour))).flat();
  return all.filter((one) => one >= now + USUAL_MS).slice(0, SHOWN);
}

function at(now: number, days: number, hour: number): number {
  const date = new Date(now);
  date.setDate(date.getDate() + days);
  return date.setHours(hour, 0, 0, 0);
}

export const mayBeOffered = (time: number, now: number): boolean => time >= now + SOONEST_MS && time <= now + LATEST_MS;
