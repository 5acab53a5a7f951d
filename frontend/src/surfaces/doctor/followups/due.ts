import type { FollowUp } from "@core/recordings";
import { parseTime } from "@core/format";

export const DUE_IDS = ["exceptions", "waiting", "overdue", "today", "later", "done"] as const;
export type DueId = (typeof DUE_IDS)[number];

export interface DueGroup {
  id: DueId;
  items: readonly FollowUp[];
}

const MANY_ATTEMPTS = 3;

/** How often nobody answered since somebody last did. */
export function attempts({ outcomes }: Pick<FollowUp, "outcomes">): number {
  return outcomes.length - 1 - outcomes.findLastIndex((one) => one.outcome !== "no_answer");
}

/** The calls in the order to make them: those that need more than another call, those that nobody makes yet, overdue, today, later, each by its time; then those made, the newest
 * first. */
export function byDue(all: readonly FollowUp[], now: number): DueGroup[] {
  const groups: Record<DueId, FollowUp[]> = { exceptions: [], waiting: [], overdue: [], today: [], later: [], done: [] };
  const sorted = [...all].sort((a, b) => parseTime(a.due_at) - parseTime(b.due_at));
  for (const item of sorted) groups[dueOf(item, now)].push(item);
  groups.done.reverse();
  return DUE_IDS.map((id) => ({ id, items: groups[id] }));
}

export function dueOf(item: FollowUp, now: number): DueId {
  if (item.assigned_to === null) return "waiting"; // also one that was made: its recording needs somebody
  if (item.state === "done" || item.state === "refused") return "done";
  if (item.state === "needs_doctor" || item.state === "wrong_number" || attempts(item) >= MANY_ATTEMPTS) return "exceptions";
  const due = parseTime(item.due_at);
  if (due < now) return "overdue";
  return due <= new Date(now).setHours(23, 59, 59, 999) ? "today" : "later";
}

/** Tomorrow at nine: when most calls are made. */
export function tomorrowMorning(now: number): number {
  const day = new Date(now);
  day.setDate(day.getDate() + 1);
  return day.setHours(9, 0, 0, 0);
}
