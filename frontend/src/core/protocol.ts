/** What the server and the browser say to each other. Times named `at` in frames and events are milliseconds since the epoch. */

export interface Bilingual {
  zh: string;
  en: string;
}

/** The one shape of every error, over REST and over the socket. `message` is null only for errors made in this browser. */
export interface CodedError {
  code: string;
  message: Bilingual | null;
  retry: boolean;
  ref?: string | null;
  fields?: Record<string, Bilingual> | null;
}

export type Role = "patient" | "doctor" | "nurse" | "lead" | "officer" | "approver" | "admin" | "auditor";

export interface Person {
  id: string;
  name: string;
  title: Bilingual | null;
  department: Bilingual | null;
  role: Role;
}

export const RED_FLAGS = ["chest_pain", "one_sided_weakness", "breathless", "heavy_bleeding", "unconscious", "self_harm"] as const;
export type RedFlag = (typeof RED_FLAGS)[number];
export const DURATIONS = ["today", "days", "weeks", "months", "longer", "unknown"] as const;
export type Duration = (typeof DURATIONS)[number];

interface EventOf<Kind extends string, Body> {
  seq: number;
  kind: Kind;
  at: number;
  sender: string | null;
  client_id: string | null;
  body: Body;
}

export type TimelineEvent =
  | EventOf<
      "consultation.opened",
      { complaint: string; duration: Duration; red_flags: RedFlag[]; department: string }
    >
  | EventOf<"consultation.claimed", object>
  | EventOf<"consultation.returned", { reason: string }>
  | EventOf<"message.posted", { text: string }>
  | EventOf<"receipt.read", { upto: number }>
  | EventOf<"consultation.closed", { summary: string; advice: string }>
  | EventOf<"consultation.reopened", { reason: string }>
  | EventOf<"hidden", object>;

export type EventKind = TimelineEvent["kind"];
export type EventWith<Kind extends EventKind> = Extract<TimelineEvent, { kind: Kind }>;

export interface Cursor {
  person: string;
  delivered: number;
  read: number;
}

/** A command without its request id: the socket adds the id. */
export type Command =
  | {
      type: "consultation.open";
      client_id: string;
      department: string | null;
      complaint: string;
      duration: Duration;
      red_flags: RedFlag[];
      consents: ("consultation" | "privacy")[];
    }
  | { type: "timeline.follow"; consultation: string; since: number }
  | { type: "timeline.unfollow"; consultation: string }
  | { type: "message.send"; consultation: string; client_id: string; text: string }
  | { type: "typing"; consultation: string; on: boolean }
  | { type: "cursor.advance"; consultation: string; delivered: number | null; read: number | null }
  | { type: "consultation.claim"; consultation: string }
  | { type: "consultation.return"; consultation: string; reason: string }
  | { type: "consultation.close"; consultation: string; client_id: string; summary: string; advice: string }
  | { type: "consultation.reopen"; consultation: string; reason: string }
  | { type: "ping" };

/** Commands that must survive a lost connection: each carries its own `client_id`. */
export type DurableCommand = Extract<Command, { client_id: string }>;

export interface Ack {
  type: "ack";
  id: string;
  consultation?: string;
  seq?: number;
  at?: number;
  receipt?: unknown;
}

export type ServerFrame =
  | { type: "welcome"; person: string; at: number }
  | Ack
  | { type: "pong"; id: string; at: number }
  | { type: "error"; id: string | null; code: string; message: Bilingual; retry: boolean; fields?: Record<string, Bilingual> | null }
  | { type: "timeline"; consultation: string; events: TimelineEvent[]; upto: number; head: number }
  | { type: "typing"; consultation: string; person: string; on: boolean }
  | { type: "cursors"; consultation: string; cursors: Cursor[] }
  | { type: "consultation.changed"; consultation: string }
  | { type: "queue.changed" };

export type FrameType = ServerFrame["type"];
export type FrameOf<Type extends FrameType> = Extract<ServerFrame, { type: Type }>;

/** Bounds the server enforces; the pages stop earlier and say so. */
export const LIMITS = { message: 8000, complaint: 2000, summary: 4000, advice: 4000, reason: 500 } as const;
