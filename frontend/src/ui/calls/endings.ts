import type { CallState, Ended } from "@core/calls/current";

/** How a call ended, as it is said to whoever was in it. */
export type Ending = "ended" | "lost" | "declined" | "later" | "missed" | "busy" | "cancelled" | "failed" | "elsewhere" | "closed" | "refused";

export function sameEnd(ended: Ended | null): Ending {
  if (!ended) return "failed";
  if (ended.reason === "elsewhere") return "elsewhere";
  if (ended.reason === "closed") return "closed";
  if (ended.reason === "not_allowed") return "refused";
  if (ended.state === "declined") return ended.reason === "later" ? "later" : "declined";
  if (ended.state === "ended" && ended.reason === "no_connection") return "lost";
  return ended.state;
}

/** Nobody was reached: it can be tried again, or written. */
export function notReached({ ended, direction, at }: CallState): boolean {
  const end = sameEnd(ended);
  return direction === "out" && at === null && end !== "cancelled" && end !== "closed" && end !== "refused";
}
