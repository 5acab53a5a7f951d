import type { EventWith, TimelineEvent } from "./protocol";
import { statusOf, type Marks, type MessageStatus, type PendingMessage, type Timeline } from "./timeline";

const GROUP_MS = 5 * 60_000;

/** One line of a conversation as it is drawn. */
export type Row =
  | { type: "day"; key: string; at: number }
  | { type: "event"; key: string; event: TimelineEvent; marks: Marks; firstOfGroup: boolean; own: boolean; status: MessageStatus; lastOwn: boolean }
  | { type: "pending"; key: string; message: PendingMessage; firstOfGroup: boolean };

/** Shown, if at all, at the message that they are about. */
const UNSEEN = new Set<TimelineEvent["kind"]>(["receipt.read", "message.retracted", "voice.transcribed", "call.answered", "call.dropped", "call.returned", "room.left"]);
/** What somebody said, as against what happened. */
const SAID = new Set<TimelineEvent["kind"]>(["message.posted", "message.retracted_original"]);
const NO_MARKS: Marks = {};

/** The rows of a timeline for the person `me`: day separators, groups of the same author within five minutes, pending last.
 * `counts`: whose reading the state of a message speaks of (the patient's, for a doctor). */
export function rowsOf(timeline: Timeline, me: string, counts?: (person: string) => boolean): Row[] {
  const rows: Row[] = [];
  let before: { at: number; author: string | null } | null = null;
  const calls = callsIn(timeline.events);
  const seen = timeline.events.filter((event) => !UNSEEN.has(event.kind) && !(event.kind === "call.invited" && calls.get(event.body.call)?.over));
  const lastOwn = seen.findLast((event) => event.sender === me && event.kind === "message.posted");
  const place = (at: number, author: string | null): boolean => {
    const newDay = !before || !sameDay(before.at, at);
    if (newDay) rows.push({ type: "day", key: `day-${at}`, at });
    const continues = !newDay && before?.author === author && at - before.at < GROUP_MS;
    before = { at, author };
    return !continues;
  };
  for (const event of seen) {
    const author = SAID.has(event.kind) ? event.sender : `system-${event.seq}`;
    const firstOfGroup = place(event.at, author);
    const own = event.sender === me;
    const isLast = event === lastOwn && timeline.pending.length === 0;
    rows.push({ type: "event", key: keyOf(event), event, marks: timeline.marks.get(event.seq) ?? beginning(event, calls), firstOfGroup, own, status: statusOf(timeline, event, counts), lastOwn: isLast });
  }
  for (const message of timeline.pending) {
    const firstOfGroup = place(message.at, me);
    rows.push({ type: "pending", key: message.client_id, message, firstOfGroup });
  }
  return rows;
}

interface CallInLog {
  invited?: EventWith<"call.invited">;
  over: boolean;
}

/** A call is one line: while it lasts its invitation, then its end, which says how it began. */
function callsIn(events: readonly TimelineEvent[]): ReadonlyMap<string, CallInLog> {
  const calls = new Map<string, CallInLog>();
  for (const event of events) {
    if (event.kind === "call.invited") calls.set(event.body.call, { invited: event, over: false });
    if (event.kind === "call.ended") calls.set(event.body.call, { ...calls.get(event.body.call), over: true });
  }
  return calls;
}

function beginning(event: TimelineEvent, calls: ReadonlyMap<string, CallInLog>): Marks {
  const invited = event.kind === "call.ended" ? calls.get(event.body.call)?.invited : undefined;
  return invited ? { invited } : NO_MARKS;
}

/** A bubble keeps its key when the real event takes the place of the pending one, so the page does not redraw it. */
function keyOf(event: TimelineEvent): string {
  return event.client_id ?? `seq-${event.seq}`;
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
