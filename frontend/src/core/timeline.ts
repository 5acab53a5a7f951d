import type { CodedError, Cursor, TimelineEvent } from "./protocol";

export type PendingStatus = "queued" | "sending" | "sent" | "failed";

/** A message of this person that is not on the timeline yet. */
export interface PendingMessage {
  client_id: string;
  text: string;
  /** Milliseconds since the epoch, this browser's clock. */
  at: number;
  status: PendingStatus;
  error: CodedError | null;
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
  cursors: Readonly<Record<string, { delivered: number; read: number }>>;
  typing: readonly string[];
}

export type TimelineAction =
  | { type: "events"; events: readonly TimelineEvent[]; head: number }
  | { type: "older"; events: readonly TimelineEvent[] }
  | { type: "pending"; message: PendingMessage }
  | { type: "pending.status"; client_id: string; status: PendingStatus; error?: CodedError | null }
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
  return withoutArrived({ ...state, early, cursor, head: newHead, events: [...state.events, ...next] }, next);
}

/** A page from before `first`. A page that does not touch what is already here is refused, for it would leave a gap. */
function takeOlder(state: Timeline, page: readonly TimelineEvent[]): Timeline {
  const older = page.filter((event) => event.seq < state.first).sort((a, b) => a.seq - b.seq);
  const last = older.at(-1);
  const start = older[0];
  if (!start || !last || last.seq !== state.first - 1) return state;
  if (last.seq - start.seq !== older.length - 1) return state;
  return withoutArrived({ ...state, first: start.seq, events: [...older, ...state.events] }, older);
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
  return { ...item, status: change.status, error: change.error ?? null };
}

/** Cursors only move forward, whatever order the frames arrive in. */
function laterCursor(known: Timeline["cursors"], cursor: Cursor): Timeline["cursors"] {
  const before = known[cursor.person] ?? { delivered: 0, read: 0 };
  const read = Math.max(before.read, cursor.read);
  return { ...known, [cursor.person]: { delivered: Math.max(before.delivered, cursor.delivered, read), read } };
}

function withTyping(typing: readonly string[], person: string, on: boolean): readonly string[] {
  if (typing.includes(person) === on) return typing;
  return on ? [...typing, person] : typing.filter((who) => who !== person);
}

export type MessageStatus = PendingStatus | "delivered" | "read";

/** How far an own message has come: the furthest that anybody but the sender reports. */
export function statusOf(state: Timeline, event: TimelineEvent): MessageStatus {
  const others = Object.entries(state.cursors).filter(([person]) => person !== event.sender);
  if (others.some(([, cursor]) => cursor.read >= event.seq)) return "read";
  if (others.some(([, cursor]) => cursor.delivered >= event.seq)) return "delivered";
  return "sent";
}
