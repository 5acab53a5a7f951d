import { api, take } from "./api";
import { newClientId } from "./ids";
import type { Schemas } from "./protocol";

export type ScheduledItem = Schemas["ScheduledItem"];

/** How soon and how late a message can be scheduled (ms from now). */
export const SOONEST_MS = 60_000;
export const LATEST_MS = 30 * 24 * 60 * 60_000;

export interface ToSchedule {
  consultation: string;
  text: string;
  /** ms since the epoch */
  at: number;
  /** Made when the dialog opens: asking again after a lost answer schedules nothing twice. */
  client_id: string;
}

export const newSchedule = (consultation: string): ToSchedule => ({ consultation, text: "", at: Date.now() + 60 * 60_000, client_id: newClientId() });

/** Send this later, as it would be sent now. */
export const schedule = ({ at, ...rest }: ToSchedule) => take(api.POST("/api/scheduled", { body: { ...rest, at: new Date(at).toISOString() } }));

/** One's own that wait, and those that could not be sent, the next first. The text of what is sent stands in the conversation. */
export const getScheduled = (consultation?: string) => take(api.GET("/api/scheduled", { params: { query: consultation ? { consultation } : {} } }));

/** Never send it; or put away one that failed. `scheduled.sent` when it was too late for that. */
export const cancelScheduled = (scheduled_id: string) => take(api.DELETE("/api/scheduled/{scheduled_id}", { params: { path: { scheduled_id } } }));
