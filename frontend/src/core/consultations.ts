import type { Bilingual, Cursor, Person, RedFlag, TimelineEvent } from "./protocol";
import { path, rest } from "./rest";

export interface PatientBrief extends Person {
  sex: "female" | "male" | "unknown";
  age: number | null;
  /** The last digits of the medical record number. */
  mrn_tail: string;
}

export interface Department {
  id: string;
  name: Bilingual;
  typical_reply_minutes: [number, number] | null;
  open_now: boolean;
}

export interface Consultation {
  id: string;
  state: "queued" | "active" | "closed";
  patient: PatientBrief;
  department: { id: string; name: Bilingual };
  assignee: Person | null;
  opened_at: string;
  claimed_at: string | null;
  closed_at: string | null;
  last_seq: number;
  last_at: string;
  /** The patient's own words. */
  complaint: string;
  unread: number;
  needs_reply: boolean;
  needs_reply_since: string | null;
  red_flags: RedFlag[];
  /** People ahead; only while queued. */
  position: number | null;
  typical_reply_minutes: [number, number] | null;
  last_line: string | null;
  reading_cursor: number;
}

export interface ConsultationDetail extends Consultation {
  participants: Person[];
  cursors: Cursor[];
}

export interface EventPage {
  events: TimelineEvent[];
  upto: number;
  head: number;
}

export interface Queue {
  needs_reply: Consultation[];
  queued: Consultation[];
  waiting_patient: Consultation[];
  closed: Consultation[];
}

export const getDepartments = () => rest.get<Department[]>("/api/departments");
export const getConsultations = () => rest.get<Consultation[]>("/api/consultations");
export const getConsultation = (id: string) => rest.get<ConsultationDetail>(path`/api/consultations/${id}`);
export const getQueue = () => rest.get<Queue>("/api/queue");
export const getEventsBefore = (id: string, before: number, limit = 50) =>
  rest.get<EventPage>(path`/api/consultations/${id}/events`, { query: { before, limit } });
