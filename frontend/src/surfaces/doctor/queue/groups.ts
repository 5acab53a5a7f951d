import type { Consultation, Queue } from "@core/consultations";
import { parseTime } from "@core/format";

export const GROUP_IDS = ["risk", "reply", "new", "waiting", "closed"] as const;
export type GroupId = (typeof GROUP_IDS)[number];

export interface Group {
  id: GroupId;
  items: readonly Consultation[];
}

/** Since when the patient has been waiting for a person, in ms since the epoch; null when nobody waits. */
export function waitingSince(item: Consultation): number | null {
  if (item.state === "closed") return null;
  if (item.needs_reply_since) return parseTime(item.needs_reply_since);
  return item.state === "queued" ? parseTime(item.opened_at) : null;
}

const longestFirst = (a: Consultation, b: Consultation) => (waitingSince(a) ?? 0) - (waitingSince(b) ?? 0);
const isUrgent = (item: Consultation) => item.red_flags.length > 0;

/** The queue in its fixed order: emergencies that wait for somebody, mine to answer, to be taken, waiting for the patient, closed. */
export function groupsOf(queue: Queue): Group[] {
  const waits = [...queue.needs_reply, ...queue.queued];
  const calm = (items: readonly Consultation[]) => items.filter((item) => !isUrgent(item)).sort(longestFirst);
  return [
    { id: "risk", items: waits.filter(isUrgent).sort(longestFirst) },
    { id: "reply", items: calm(queue.needs_reply) },
    { id: "new", items: calm(queue.queued) },
    { id: "waiting", items: queue.waiting_patient },
    { id: "closed", items: queue.closed },
  ];
}

/** What to draw. While the pointer or the focus is in the list nothing in it moves: rows keep their place and only their own words
 * change. A new emergency alone comes in at once, in the pinned group on top. */
export function arrange(shown: readonly Group[], fresh: readonly Group[], held: boolean): readonly Group[] {
  if (!held || shown.every((group) => group.items.length === 0)) return fresh;
  const known = byId(fresh);
  const drawn = byId(shown);
  const next = shown.map((group) => {
    const items = group.items.map((item) => known.get(item.id) ?? item);
    const urgent = group.id === "risk" ? itemsOf(fresh, "risk").filter((item) => !drawn.has(item.id)) : [];
    return { id: group.id, items: [...urgent, ...items] };
  });
  return sameGroups(shown, next) ? shown : next;
}

/** How many rows wait to be let in or to move to a group where they ask for something. */
export function arrivals(shown: readonly Group[], fresh: readonly Group[]): number {
  const asking: readonly GroupId[] = ["risk", "reply", "new"];
  return asking.reduce((sum, id) => {
    const here = new Set(itemsOf(shown, id).map((item) => item.id));
    return sum + itemsOf(fresh, id).filter((item) => !here.has(item.id)).length;
  }, 0);
}

/** Rows that are drawn but no longer in the queue: somebody else took them, or they fell off the end. */
export function goneFrom(shown: readonly Group[], fresh: readonly Group[]): ReadonlySet<string> {
  const known = byId(fresh);
  return new Set([...byId(shown).keys()].filter((id) => !known.has(id)));
}

/** Where Alt+arrow goes from `from`: the next row down or up; with `asking` only those who wait for a reply. */
export function neighbour(groups: readonly Group[], from: string | null, step: 1 | -1, asking: boolean): string | null {
  const rows = groups.flatMap((group) => group.items);
  const here = rows.findIndex((item) => item.id === from);
  const wanted = (item: Consultation) => !asking || waitingSince(item) !== null;
  for (let i = here < 0 && step < 0 ? rows.length - 1 : here + step; i >= 0 && i < rows.length; i += step) {
    const item = rows[i];
    if (item && wanted(item)) return item.id;
  }
  return null;
}

export function itemsOf(groups: readonly Group[], id: GroupId): readonly Consultation[] {
  return groups.find((group) => group.id === id)?.items ?? [];
}

function byId(groups: readonly Group[]): Map<string, Consultation> {
  return new Map(groups.flatMap((group) => group.items.map((item) => [item.id, item] as const)));
}

function sameGroups(a: readonly Group[], b: readonly Group[]): boolean {
  return a.every((group, i) => {
    const other = b[i]?.items ?? [];
    return group.items.length === other.length && group.items.every((item, j) => item === other[j]);
  });
}
