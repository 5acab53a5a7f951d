import { api, take } from "./api";
import type { Schemas } from "./protocol";

/** One recording of a call: how far each side is, and once they are joined, the recording itself. */
export type Capture = Schemas["CaptureState"];

export const getCaptures = (consultation_id: string) => take(api.GET("/api/consultations/{consultation_id}/captures", { params: { path: { consultation_id } } }));

const FINAL = new Set<Capture["state"]>(["empty", "dropped", "failed"]);

/** Whether more becomes of it by itself. */
export function isOpen({ state, recording }: Capture): boolean {
  if (state === "done") return recording?.state === "queued" || recording?.state === "running";
  return !FINAL.has(state);
}

/** The capture that ended at `at` (ms since the epoch): several of one call are told apart by when they ended. */
export function endedAt(captures: readonly Capture[], call: string, at: number): Capture | null {
  const distance = (one: Capture) => Math.abs((one.off_at ? Date.parse(one.off_at) : Date.now()) - at);
  return captures.filter((one) => one.call === call).sort((a, b) => distance(a) - distance(b))[0] ?? null;
}
