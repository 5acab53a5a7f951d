import type { Bilingual, Duration, Person, RedFlag, Role } from "@core/protocol";
import { path, rest } from "@core/rest";
import type { Integrity, IntegrityState } from "@ui/IntegrityBadge";
import type { Filters } from "./filters";

/** What the compliance endpoints answer. Times are ISO 8601 UTC; `at` of events is milliseconds since the epoch. */

export const CONTENTS = ["conversation", "recordings", "transcripts"] as const;
export type Content = (typeof CONTENTS)[number];
export const PURPOSES = ["complaint", "dispute", "judicial", "quality", "regulator", "patient"] as const;
export type Purpose = (typeof PURPOSES)[number];
export type GrantState = "waiting" | "approved" | "rejected" | "expired" | "revoked";
export type CaseState = "queued" | "active" | "closed";

/** One case by its metadata: the patient's name is masked and nothing anybody said is here. */
export interface Case {
  id: string;
  number: string;
  patient: string;
  doctor: Person | null;
  department: { id: string; name: Bilingual };
  opened_at: string;
  closed_at: string | null;
  state: CaseState;
  messages: number;
  recordings: number;
  integrity: IntegrityState;
  grant: GrantBrief | null;
}

export interface GrantBrief {
  id: string;
  state: GrantState;
  expires_at: string | null;
}

export interface Found {
  total: number;
  filters: { name: string; value: string }[];
  cases: Case[];
}

export interface Grant {
  id: string;
  case: Case;
  requester: Person;
  approver: Person | null;
  content: Content[];
  purpose: Purpose;
  case_number: string;
  reason: string;
  hours: number;
  state: GrantState;
  requested_at: string;
  decided_at: string | null;
  expires_at: string | null;
}

export interface Terms {
  content: Content[];
  purpose: Purpose;
  case_number: string;
  reason: string;
  hours: number;
}

export interface Decision {
  decision: "approve" | "reject";
  hours?: number;
  reason: string;
}

/** An event with where and how it is sealed. */
export interface SealedEvent {
  seq: number;
  kind: string;
  at: number;
  sender: string | null;
  client_id: string | null;
  body: Partial<{ text: string; complaint: string; duration: Duration; red_flags: RedFlag[]; summary: string; advice: string; reason: string; upto: number }>;
  hash: string;
  sealed_at: string | number;
  tree_index: number | null;
  verified: boolean;
}

export interface OpenedCase {
  case: Case;
  events: SealedEvent[];
  people: Person[];
  integrity: Integrity;
}

export interface GrantRecording {
  id: string;
  at: string;
  name?: string;
  state: string;
  duration_s: number | null;
  language: string;
  integrity?: IntegrityState;
  transcripts?: { version: number; author: Person | null; model: string | null; at: string }[];
}

export interface Segment {
  id: number;
  start: number;
  end: number;
  speaker: string;
  speaker_name: string | null;
  text: string;
}

export interface Transcript {
  version: number;
  machine: boolean;
  label: Bilingual;
  author: Person | null;
  at: string;
  segments: Segment[];
}

export interface Pack {
  state: "queued" | "running" | "done" | "failed";
  progress: number;
  name: string | null;
  size: number | null;
  sha256: string | null;
}

export interface Reading {
  at: string;
  person: Person;
  action: string;
  what: string;
  grant: string;
}

export interface LedgerHealth {
  checkpoint: { size: number; at: string | number; root: string } | null;
  pending: number;
  last_full_check: string | null;
  ok: boolean;
  public_key: string;
  sentence: Bilingual;
}

export interface DepartmentRow {
  id: string;
  name: Bilingual;
}

const BASE = "/api/compliance";

export const findCases = (filters: Filters, page: number) => rest.get<Found>(`${BASE}/cases`, { query: { ...filters, page } });
export const departments = () => rest.get<DepartmentRow[]>("/api/departments");
export const askAccess = (id: string, terms: Terms) => rest.post<Grant>(`${BASE}/requests`, { case: id, ...terms });
export const listGrants = (role: "mine" | "approve") => rest.get<Grant[]>(`${BASE}/requests`, { query: { role } });
export const getGrant = (id: string) => rest.get<Grant>(path`/api/compliance/requests/${id}`);
export const decideGrant = (id: string, decision: Decision) => rest.post<Grant>(path`/api/compliance/requests/${id}/decision`, decision);
export const revokeGrant = (id: string, reason: string) => rest.post<Grant>(path`/api/compliance/requests/${id}/revoke`, { reason });

/** Each of these stands in the ledger before its first byte is sent: ask once, never in the background. */
export const openConversation = (grant: string, signal: AbortSignal) => rest.get<OpenedCase>(path`/api/compliance/grants/${grant}/conversation`, { signal });
export const listRecordings = (grant: string) => rest.get<GrantRecording[]>(path`/api/compliance/grants/${grant}/recordings`);
export const audioOf = (grant: string, recording: string) => path`/api/compliance/grants/${grant}/recordings/${recording}/audio`;
export const openTranscript = (grant: string, recording: string, version: number | null) =>
  rest.get<Transcript>(path`/api/compliance/grants/${grant}/recordings/${recording}/transcript`, { query: { version } });

export const startPack = (grant: string) => rest.post<{ id: string }>(path`/api/compliance/grants/${grant}/packs`);
export const getPack = (id: string) => rest.get<Pack>(path`/api/compliance/packs/${id}`);
export const packFile = (id: string) => path`/api/compliance/packs/${id}/file`;
export const listReadings = (grant: string | null) => rest.get<Reading[]>(`${BASE}/readings`, { query: { grant } });
export const ledgerHealth = () => rest.get<LedgerHealth>("/api/integrity");

export const isOfficer = (roles: readonly Role[]) => roles.includes("officer");
export const isApprover = (roles: readonly Role[]) => roles.includes("approver");
