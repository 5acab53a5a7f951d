import type { components } from "./generated/api";

/** What the server and the browser say to each other. The shapes are generated from the server's code (`npm run types`);
 * this file names them. Times named `at` in frames and events are milliseconds since the epoch, elsewhere ISO 8601 UTC. */

export type Schemas = components["schemas"];

export type Bilingual = Schemas["Bilingual"];

/** The one shape of every error, over REST and over the socket. `message` is null only for errors made in this browser. */
export interface CodedError {
  code: string;
  message: Bilingual | null;
  retry: boolean;
  ref?: string | null;
  /** Seconds to wait before trying again. */
  retry_after?: number | null;
  fields?: Record<string, Bilingual> | null;
}

export type Role = "patient" | "doctor" | "nurse" | "lead" | "officer" | "approver" | "admin" | "auditor";

/** Anybody, as shown to others: name, and for clinicians title and department. */
export type Person = Schemas["PersonBrief"];

export type TimelineEvent = Schemas["TimelineEvent"];
export type EventKind = TimelineEvent["kind"];
export type EventWith<Kind extends EventKind> = Extract<TimelineEvent, { kind: Kind }>;

export type Cursor = Schemas["CursorState"];

type WithoutId<Frame> = Frame extends unknown ? Omit<Frame, "id"> : never;

/** A command without its request id: the socket adds the id. */
export type Command = WithoutId<Schemas["Command"]>;

/** Commands that must survive a lost connection: each carries its own `client_id`. */
export type DurableCommand = Extract<Command, { client_id: string }>;

export type ServerFrame = Schemas["Frame"];
export type FrameType = ServerFrame["type"];
export type FrameOf<Type extends FrameType> = Extract<ServerFrame, { type: Type }>;
export type Ack = FrameOf<"ack">;

export type RedFlag = EventWith<"consultation.opened">["body"]["red_flags"][number];
export type Duration = EventWith<"consultation.opened">["body"]["duration"];

/** In the order in which they are asked. */
export const RED_FLAGS: readonly RedFlag[] = ["chest_pain", "one_sided_weakness", "breathless", "heavy_bleeding", "unconscious", "self_harm"];
export const DURATIONS: readonly Duration[] = ["today", "days", "weeks", "months", "longer", "unknown"];

/** Bounds the server enforces; the pages stop earlier and say so. */
export const LIMITS = { message: 8000, complaint: 2000, summary: 4000, advice: 4000, reason: 500 } as const;
