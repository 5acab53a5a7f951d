import type { TimelineEvent } from "@core/protocol";
import { reachedBy, type Timeline } from "@core/timeline";
import type { Reader } from "../StatusWords";

export type MessageAction = "reply" | "copy" | "correct" | "retract" | "details" | "cite";

/** How long a patient may take back a message, ms; the server decides. */
const PATIENT_RETRACTS_MS = 2 * 60_000;

export interface ActionContext {
  me: string;
  reader: Reader;
  /** Whether something can be written in this thread now. */
  open: boolean;
  /** Whether words can be taken from here into the reply to the patient (side threads). */
  citable?: boolean;
  now: number;
}

/** What can be done with a message, in the order in which it is offered. */
export function actionsFor(event: TimelineEvent, { me, reader, open, citable = false, now }: ActionContext): MessageAction[] {
  if (event.kind !== "message.posted") return [];
  const own = event.sender === me;
  const young = reader !== "patient" || now - event.at < PATIENT_RETRACTS_MS;
  const may: Record<MessageAction, boolean> = {
    reply: open,
    cite: citable && event.body.text !== "",
    copy: event.body.text !== "",
    correct: own && open && reader !== "patient" && event.body.text !== "",
    retract: own && open && young,
    details: true,
  };
  return (["reply", "cite", "copy", "correct", "retract", "details"] as const).filter((action) => may[action]);
}

export interface Reading {
  person: string;
  state: "read" | "delivered";
  /** Milliseconds since the epoch; null when nobody noted it. */
  at: number | null;
  /** False when only the last move of that person's cursor is known: it happened then or before. */
  exact: boolean;
}

/** Who else has received or read a message, and when. Reading by clinicians is on the timeline to the millisecond; for others
 * the cursor tells when it last moved. */
export function readingsOf(timeline: Timeline, event: TimelineEvent): Reading[] {
  return reachedBy(timeline, event).map(({ person, read, at }) => {
    const receipt = read && timeline.events.find((one) => one.kind === "receipt.read" && one.sender === person && one.body.upto >= event.seq);
    if (receipt) return { person, state: "read", at: receipt.at, exact: true };
    const cursor = timeline.cursors[person];
    const last = read ? cursor?.read : cursor?.delivered;
    return { person, state: read ? "read" : "delivered", at, exact: last === event.seq };
  });
}
