import type { Recording } from "../calls/current";

/** What became of the question whether a room may be recorded, for one of those in it. paused: somebody came, and is asked first.
 * refused.by: told to whoever asked, with a name; to the others it is "somebody". */
export type Turn = "asked" | "paused" | "started" | "refused" | "refused.mine" | "refused.by" | "stopped" | "withdrawn";

/** What there is to say now, given what was said last; null: nothing. What was over before this page came is nobody's news. */
export function turned(before: Recording | null, now: Recording, me: string): Turn | null {
  if (before?.generation === now.generation && before.state === now.state) return null;
  const mine = now.asked_by === me;
  if (now.state === "on") return "started";
  if (now.state === "asked") return before?.state === "on" ? "paused" : mine ? "asked" : null;
  if (!before) return null;
  if (now.state === "refused") return refuser(now) === me ? "refused.mine" : mine ? "refused.by" : "refused";
  return now.state === "stopped" && before.state !== "on" ? null : now.state;
}

export const refuser = ({ answers }: Recording): string | undefined => answers.find((one) => one.granted === false)?.person;
