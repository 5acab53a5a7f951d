import { two } from "@core/format";
import type { SealedEvent } from "./api";

/** The timeline of a case as it is drawn: days, events, and every gap as a gap. */
export type CaseRow =
  | { type: "day"; key: string; at: number }
  | { type: "gap"; key: string; from: number; to: number }
  | { type: "event"; key: string; event: SealedEvent };

/** `upto`: the last act that the chain counts; one that is missing at the end is a gap like any other. */
export function caseRows(events: readonly SealedEvent[], upto: number): CaseRow[] {
  const rows: CaseRow[] = [];
  let expected = 1;
  let day = "";
  for (const event of events) {
    if (event.seq > expected) rows.push({ type: "gap", key: `gap-${expected}`, from: expected, to: event.seq - 1 });
    expected = event.seq + 1;
    const today = new Date(event.at).toDateString();
    if (today !== day) rows.push({ type: "day", key: `day-${event.seq}`, at: event.at });
    day = today;
    rows.push({ type: "event", key: `event-${event.seq}`, event });
  }
  if (upto >= expected) rows.push({ type: "gap", key: `gap-${expected}`, from: expected, to: upto });
  return rows;
}

export type SealState = "verified" | "pending" | "mismatch" | "unknown";

/** How far the proof of one event goes: in the signed tree and sound, not yet in the tree, unreadable, or not what was sealed. */
export function sealOf(event: Pick<SealedEvent, "verified" | "tree_index" | "body">): SealState {
  if (event.verified) return "verified";
  if (event.body === null) return "unknown";
  return event.tree_index === null ? "pending" : "mismatch";
}

export interface Seen {
  person: string;
  at: number;
}

/** For each message the first time that somebody else had read it, by the receipts in the same timeline. */
export function firstSeen(events: readonly SealedEvent[]): Map<number, Seen> {
  const seen = new Map<number, Seen>();
  const unread: SealedEvent[] = [];
  for (const event of events) {
    if (event.kind === "message.posted") unread.push(event);
    const upto = event.kind === "receipt.read" ? event.body?.["upto"] : undefined;
    if (typeof upto !== "number" || event.sender === null) continue;
    for (let i = unread.length - 1; i >= 0; i--) {
      const message = unread[i];
      if (!message || message.seq > upto || message.sender === event.sender) continue;
      seen.set(message.seq, { person: event.sender, at: event.at });
      unread.splice(i, 1);
    }
  }
  return seen;
}

/** What became of a message afterwards, and whether the other side had read it by then. */
export interface Fate {
  what: "retracted" | "corrected";
  seq: number;
  at: number;
  read: boolean;
}

/** For each message that was taken back or put right: the act that did it. Both sides saw the same, before and after. */
export function fates(events: readonly SealedEvent[]): Map<number, Fate> {
  const seen = firstSeen(events);
  const found = new Map<number, Fate>();
  for (const { kind, body, seq, at } of events) {
    const what = kind === "message.retracted" ? "retracted" : kind === "message.corrected" ? "corrected" : null;
    const of = body?.["of"];
    if (!what || typeof of !== "number") continue;
    const first = seen.get(of);
    found.set(of, { what, seq, at, read: first !== undefined && first.at <= at });
  }
  return found;
}

const TURNS = new Set(["consultation.opened", "consultation.claimed", "consultation.returned", "consultation.closed", "consultation.reopened", "message.retracted", "message.corrected", "call.ended", "room.closed"]);

/** What a message carries beside its words. */
export function carried({ body }: Pick<SealedEvent, "body">): "voice" | "files" | null {
  if (body?.["voice"]) return "voice";
  const files = body?.["attachments"];
  return Array.isArray(files) && files.length > 0 ? "files" : null;
}

/** The table of contents: every turn of the case, what was taken back, corrected, said aloud or attached, and the first event of each day. */
export function contentsOf(events: readonly SealedEvent[]): SealedEvent[] {
  let day = "";
  return events.filter((event) => {
    const today = new Date(event.at).toDateString();
    const first = today !== day;
    day = today;
    return first || TURNS.has(event.kind) || carried(event) !== null;
  });
}

/** "14:02:03", for evidence. */
export function exactClock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** "2026-11-21 14:02:03" in the reader's time zone. */
export function exactTime(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${exactClock(at)}`;
}

/** "UTC+8", "UTC-3:30": the zone that times on this page are in. */
export function zone(minutesWest: number = new Date().getTimezoneOffset()): string {
  const [sign, minutes] = [minutesWest > 0 ? "-" : "+", Math.abs(minutesWest)];
  return `UTC${sign}${Math.floor(minutes / 60)}${minutes % 60 ? `:${two(minutes % 60)}` : ""}`;
}
