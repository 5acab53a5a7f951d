import { api, take } from "@core/api";
import type { Role, Schemas } from "@core/protocol";
import type { Filters } from "./filters";

/** What the compliance endpoints answer; the shapes come from the server's own document. */

export const CONTENTS = ["conversation", "attachments", "recordings", "transcripts", "discussion"] as const;
export type Content = (typeof CONTENTS)[number];
export const PURPOSES = ["complaint", "dispute", "judicial", "quality", "regulator", "patient"] as const;
export type Purpose = (typeof PURPOSES)[number];
export const TELLS = ["now", "court", "evidence", "safety"] as const;
export type Tell = (typeof TELLS)[number];

/** One case by its metadata: the patient's name is masked and nothing anybody said is here. */
export type Case = Schemas["Case"];
export type CaseState = Case["state"];
export const STATES: readonly CaseState[] = ["queued", "active", "closed"];
export const KEEPING = ["kept", "sealed", "shredded", "held"] as const;
export type Keeping = (typeof KEEPING)[number];
export const FLAGS = ["any", "chest_pain", "one_sided_weakness", "breathless", "heavy_bleeding", "unconscious", "self_harm"] as const;
export type Flag = (typeof FLAGS)[number];
export type Found = Schemas["CasePage"];
export type Grant = Schemas["Grant"];
export type GrantState = Grant["state"];
export type Terms = Omit<Schemas["NewRequest"], "cases">;
export type Finding = Schemas["Found"]["finding"];
export type Decision = Schemas["Decision"];
export type OpenedCase = Schemas["ReadConversation"];
/** An event with where and how it is sealed; `body` is null when its words cannot be opened any more. */
export type SealedEvent = Schemas["ProvenEvent"];
export type Reading = Schemas["Reading"];

export type Annotation = Schemas["Annotation"];
export type NewAnnotation = Schemas["NewAnnotation"];
export type CaseHit = Schemas["CaseHit"];
export type CaseSearchPage = Schemas["CaseSearchPage"];
export type Vouched = OpenedCase["vouched"];

export type GrantRecording = Schemas["GrantedRecording"];
export type Pack = Schemas["PackState"];
export type LedgerHealth = Schemas["LedgerHealth"];

const of = (grant_id: string) => ({ params: { path: { grant_id } } });

export const findCases = (filters: Filters, page: number) => take(api.GET("/api/compliance/cases", { params: { query: { ...(filters as Schemas["CaseQuery"]), page } } }));
export const departments = () => take(api.GET("/api/departments"));
export const askAccess = (cases: string[], terms: Terms) => take(api.POST("/api/compliance/requests", { body: { cases, ...terms } }));
export const listGrants = (role: "mine" | "approve") => take(api.GET("/api/compliance/requests", { params: { query: { role } } }));
export const getGrant = (id: string) => take(api.GET("/api/compliance/requests/{grant_id}", of(id)));
export const decideGrant = (id: string, body: Decision) => take(api.POST("/api/compliance/requests/{grant_id}/decision", { ...of(id), body }));
export const answerGrant = (id: string, text: string) => take(api.POST("/api/compliance/requests/{grant_id}/answer", { ...of(id), body: { text } }));
export const commentGrant = (id: string, text: string) => take(api.POST("/api/compliance/requests/{grant_id}/comments", { ...of(id), body: { text } }));
export const breakGlass = (id: string, reason: string) => take(api.POST("/api/compliance/emergencies", { body: { case: id, reason } }));
export const listEmergencies = () => take(api.GET("/api/compliance/emergencies"));
export const reviewGrant = (id: string, finding: Finding, text: string) => take(api.POST("/api/compliance/requests/{grant_id}/review", { ...of(id), body: { finding, text } }));
export const revokeGrant = (id: string, reason: string) => take(api.POST("/api/compliance/requests/{grant_id}/revoke", { ...of(id), body: { reason } }));

/** Each of these stands in the ledger before its first byte is sent: ask once, never in the background. */
export const openConversation = (grant: string, signal: AbortSignal) => take(api.GET("/api/compliance/grants/{grant_id}/conversation", { ...of(grant), signal }));
export const listReadings = (grant: string) => take(api.GET("/api/compliance/readings", { params: { query: { grant } } }));
/** The words stand in the body: addresses end up in the logs of proxies. */
export const searchCase = (grant: string, query: string, after: string | null, signal: AbortSignal) =>
  take(api.POST("/api/compliance/grants/{grant_id}/search", { ...of(grant), body: { query, after }, signal }));
export const listAnnotations = (grant: string) => take(api.GET("/api/compliance/grants/{grant_id}/annotations", of(grant)));
export const annotate = (grant: string, body: NewAnnotation) => take(api.POST("/api/compliance/grants/{grant_id}/annotations", { ...of(grant), body }));
export const removeAnnotation = (grant_id: string, annotation_id: number) =>
  take(api.DELETE("/api/compliance/grants/{grant_id}/annotations/{annotation_id}", { params: { path: { grant_id, annotation_id } } }));

export const listRecordings = (grant: string) => take(api.GET("/api/compliance/grants/{grant_id}/recordings", of(grant)));
export const audioOf = (grant: string, recording: string) => `/api/compliance/grants/${grant}/recordings/${recording}/audio`;
export const openTranscript = (grant_id: string, recording_id: string, version: number) =>
  take(api.GET("/api/compliance/grants/{grant_id}/recordings/{recording_id}/transcript", { params: { path: { grant_id, recording_id }, query: { version } } }));

export type PackWish = Required<Schemas["PackWish"]>;
export type PackScope = Schemas["PackScope"];
export type PackPreview = Schemas["PackPreview"];
export type PackedCase = Schemas["PackedCase"];
export const previewPack = (grant: string, body: PackScope) => take(api.POST("/api/compliance/grants/{grant_id}/packs/preview", { ...of(grant), body }));
export const startPack = (grant: string, body: PackWish) => take(api.POST("/api/compliance/grants/{grant_id}/packs", { ...of(grant), body }));
export const listPacks = (grant: string) => take(api.GET("/api/compliance/grants/{grant_id}/packs", of(grant)));
export const packFile = (id: string) => `/api/compliance/packs/${id}/file`;
export const ledgerHealth = () => take(api.GET("/api/integrity"));

export const isOfficer = (roles: readonly string[]) => roles.includes("officer" satisfies Role);
export const isApprover = (roles: readonly string[]) => roles.includes("approver" satisfies Role);
