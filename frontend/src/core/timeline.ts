import type { CodedError, Cursor, EventWith, TimelineEvent } from "./protocol";
import type { OutboxFile, OutboxItem } from "./db";

/** `held`: waits out the time in which its writer can call it back; nobody else has it. */
export type PendingStatus = "held" | "queued" | "sending" | "sent" | "failed";

/** A message of this person that is not on the timeline yet. */
export interface PendingMessage {
  client_id: string;
  text: string;
  /** Milliseconds since the epoch, this browser's clock. */
  at: number;
  status: PendingStatus;
  error: CodedError | null;
  reply_to?: number | null;
  files?: readonly OutboxFile[];
  /** 0..1 of the bytes of its files, while they are on their way. */
  part?: number;
  /** Held until then, milliseconds since the epoch. */
  until?: number | undefined;
}

/** What later events say about a message. */
export interface Marks {
  /** Taken back: the words are gone from here. */
  retracted?: EventWith<"message.retracted">;
  /** The last correction; the event itself keeps the original words. */
  corrected?: EventWith<"message.corrected">;
  /** The last version of a voice note's words. */
  transcribed?: EventWith<"voice.transcribed">;
  /** Of the end of a call: how it began. */
  invited?: EventWith<"call.invited">;
}

/** How far one person has come, and when that was last known to change (ms since the epoch). */
export interface Reach {
  delivered: number;
  read: number;
  delivered_at: number | null;
  read_at: number | null;
}

/** What one browser knows of one consultation. `events` is gapless: every sequence number from `first` to `cursor`. */
export interface Timeline {
  first: number;
  cursor: number;
  head: number;
  events: readonly TimelineEvent[];
  /** Events that arrived before their predecessors, by sequence number. */
  early: ReadonlyMap<number, TimelineEvent>;
  pending: readonly PendingMessage[];
  /** By the sequence number of the message they are about. */
  marks: ReadonlyMap<number, Marks>;
  cursors: Readonly<Record<string, Reach>>;
  typing: readonly string[];
}

export type TimelineAction =
  | { type: "events"; events: readonly TimelineEvent[]; head: number }
  | { type: "older"; events: readonly TimelineEvent[] }
  | { type: "pending"; message: PendingMessage }
  | { type: "pending.status"; client_id: string; status: PendingStatus; error?: CodedError | null }
  | { type: "pending.part"; client_id: string; part: number }
  | { type: "pending.dropped"; client_id: string }
  | { type: "cursors"; cursors: readonly Cursor[] }
  | { type: "typing"; person: string; on: boolean };

/** An empty timeline that will be filled from the event after `since`. */
export function startTimeline(since: number): Timeline {
  return {
    first: since + 1,
    cursor: since,
    head: since,
    events: [],
    early: new Map(),
    pending: [],
    marks: new Map(),
    cursors: {},
    typing: [],
  };
}

/** The next state. Pure; any order and any repetition of the same events ends in the same timeline. */
export function reduceTimeline(state: Timeline, action: TimelineAction): Timeline {
  switch (action.type) {
    case "events":
      return takeEvents(state, action.events, action.head);
    case "older":
      return takeOlder(state, action.events);
    case "pending":
      return addPending(state, action.message);
    case "pending.status":
      return { ...state, pending: state.pending.map((item) => withStatus(item, action)) };
    case "pending.part":
      return { ...state, pending: state.pending.map((item) => (item.client_id === action.client_id ? { ...item, part: action.part } : item)) };
    case "pending.dropped":
      return { ...state, pending: state.pending.filter((item) => item.client_id !== action.client_id) };
    case "cursors":
      return { ...state, cursors: action.cursors.reduce(laterCursor, state.cursors) };
    case "typing":
      return { ...state, typing: withTyping(state.typing, action.person, action.on) };
  }
}

function takeEvents(state: Timeline, incoming: readonly TimelineEvent[], head: number): Timeline {
  const early = new Map(state.early);
  for (const event of incoming) {
    if (event.seq > state.cursor && !early.has(event.seq)) early.set(event.seq, event);
  }
  const next: TimelineEvent[] = [];
  let cursor = state.cursor;
  for (let event = early.get(cursor + 1); event; event = early.get(cursor + 1)) {
    next.push(event);
    early.delete(++cursor);
  }
  const newHead = Math.max(state.head, head, cursor, ...early.keys());
  if (next.length === 0) return { ...state, early, head: newHead };
  return withMarks(withoutArrived({ ...state, early, cursor, head: newHead, events: [...state.events, ...next] }, next), next);
}

/** A page from before `first`. A page that does not touch what is already here is refused, for it would leave a gap. */
function takeOlder(state: Timeline, page: readonly TimelineEvent[]): Timeline {
  const older = page.filter((event) => event.seq < state.first).sort((a, b) => a.seq - b.seq);
  const last = older.at(-1);
  const start = older[0];
  if (!start || !last || last.seq !== state.first - 1) return state;
  if (last.seq - start.seq !== older.length - 1) return state;
  return withMarks(withoutArrived({ ...state, first: start.seq, events: [...older, ...state.events] }, older), older);
}

/** Takes in what `arrived` says about other events, and blanks what was taken back: a copy kept from before may still have its words. */
function withMarks(state: Timeline, arrived: readonly TimelineEvent[]): Timeline {
  const marks = new Map(state.marks);
  for (const event of arrived) mark(marks, event);
  const stale = (event: TimelineEvent) => "text" in event.body && marks.get(wordsOf(event))?.retracted !== undefined;
  if (marks.size === 0 || !state.events.some(stale)) return { ...state, marks };
  return { ...state, marks, events: state.events.map((event) => (stale(event) ? blank(event) : event)) };
}

function mark(marks: Map<number, Marks>, event: TimelineEvent): void {
  if (event.kind === "message.retracted") marks.set(event.body.of, { retracted: event });
  const known = "of" in event.body ? (marks.get(event.body.of) ?? {}) : {};
  if (known.retracted) return;
  if (event.kind === "message.corrected" && event.seq > (known.corrected?.seq ?? 0)) marks.set(event.body.of, { ...known, corrected: event });
  if (event.kind === "voice.transcribed" && event.body.version >= (known.transcribed?.body.version ?? 0)) {
    marks.set(event.body.of, { ...known, transcribed: event });
  }
}

/** The message whose words an event carries: its own, or that of another. */
function wordsOf(event: TimelineEvent): number {
  return event.kind === "message.corrected" || event.kind === "voice.transcribed" ? event.body.of : event.seq;
}

function blank(event: TimelineEvent): TimelineEvent {
  if (event.kind === "message.posted") return { ...event, kind: "message.retracted_original", body: {} };
  if (event.kind === "message.corrected") return { ...event, body: { ...event.body, text: "" } };
  if (event.kind === "voice.transcribed") return { ...event, body: { ...event.body, text: "", low: [] } };
  return event;
}

/** The real event replaces the bubble that stood for it. */
function withoutArrived(state: Timeline, arrived: readonly TimelineEvent[]): Timeline {
  const ids = new Set(arrived.map((event) => event.client_id));
  if (!state.pending.some((item) => ids.has(item.client_id))) return state;
  return { ...state, pending: state.pending.filter((item) => !ids.has(item.client_id)) };
}

function addPending(state: Timeline, message: PendingMessage): Timeline {
  const known =
    state.pending.some((item) => item.client_id === message.client_id) ||
    state.events.some((event) => event.client_id === message.client_id);
  return known ? state : { ...state, pending: [...state.pending, message] };
}

function withStatus(
  item: PendingMessage,
  change: { client_id: string; status: PendingStatus; error?: CodedError | null },
): PendingMessage {
  if (item.client_id !== change.client_id) return item;
  return { ...item, status: change.status, error: change.error ?? null, until: change.status === "held" ? item.until : undefined };
}

/** What a message of the outbox is shown as before anything happens to it. */
export function waitingAs(item: OutboxItem): PendingStatus {
  if (item.state === "failed") return "failed";
  return (item.notBefore ?? 0) > Date.now() ? "held" : "queued";
}

const NOWHERE: Reach = { delivered: 0, read: 0, delivered_at: null, read_at: null };

/** Cursors only move forward, whatever order the frames arrive in; each keeps the time of its furthest move. */
function laterCursor(known: Timeline["cursors"], cursor: Cursor): Timeline["cursors"] {
  const before = known[cursor.person] ?? NOWHERE;
  const next = { ...before };
  if (cursor.read > before.read) Object.assign(next, { read: cursor.read, read_at: cursor.read_at });
  const delivered = Math.max(cursor.delivered, cursor.read);
  if (delivered > before.delivered) Object.assign(next, { delivered, delivered_at: cursor.delivered_at ?? cursor.read_at });
  return { ...known, [cursor.person]: next };
}

function withTyping(typing: readonly string[], person: string, on: boolean): readonly string[] {
  if (typing.includes(person) === on) return typing;
  return on ? [...typing, person] : typing.filter((who) => who !== person);
}

export type MessageStatus = PendingStatus | "delivered" | "read";

/** How far an own message has come: the furthest that anybody but the sender reports, or of them only those who count. */
export function statusOf(state: Timeline, event: TimelineEvent, counts: (person: string) => boolean = () => true): MessageStatus {
  const others = Object.entries(state.cursors).filter(([person]) => person !== event.sender && counts(person));
  if (others.some(([, cursor]) => cursor.read >= event.seq)) return "read";
  if (others.some(([, cursor]) => cursor.delivered >= event.seq)) return "delivered";
  return "sent";
}

/** Who else has received or read an own message, furthest first. `at` is when that person last moved on: for an older message
 * it may have been sooner. */
export function reachedBy(state: Timeline, event: TimelineEvent): { person: string; read: boolean; at: number | null }[] {
  return Object.entries(state.cursors)
    .filter(([person, reach]) => person !== event.sender && reach.delivered >= event.seq)
    .map(([person, reach]) => ({ person, read: reach.read >= event.seq, at: reach.read >= event.seq ? reach.read_at : reach.delivered_at }))
    .sort((a, b) => Number(b.read) - Number(a.read));
}
