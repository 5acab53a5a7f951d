import { api, take } from "./api";
import type { Schemas, TimelineEvent } from "./protocol";
import { orCopy } from "./snapshots";

export type PatientBrief = Schemas["PatientBrief"];
export type Department = Awaited<ReturnType<typeof getDepartments>>[number];
export type Consultation = Awaited<ReturnType<typeof getConsultations>>[number];
export type ConsultationDetail = Awaited<ReturnType<typeof getConsultation>>;
export type Queue = Awaited<ReturnType<typeof getQueue>>;

/** A page of events, ascending. The socket's document types the events; over REST they are the same rows. */
export interface EventPage {
  events: TimelineEvent[];
  upto: number;
  head: number;
}

const at = (consultation_id: string) => ({ path: { consultation_id } });

export const getDepartments = () => take(api.GET("/api/departments"));
/** A patient's own, without a network as they were last; for staff, those they treat. */
export const getConsultations = () => orCopy("consultations", () => take(api.GET("/api/consultations")));
export const getConsultation = (id: string) => take(api.GET("/api/consultations/{consultation_id}", { params: at(id) }));
export const getQueue = () => take(api.GET("/api/queue"));

/** Events that the server hands out at most at once. */
export const MOST = 200;

export async function getEventsBefore(id: string, before: number, limit = 50): Promise<EventPage> {
  const params = { ...at(id), query: { before, limit } };
  return (await take(api.GET("/api/consultations/{consultation_id}/events", { params }))) as EventPage;
}
