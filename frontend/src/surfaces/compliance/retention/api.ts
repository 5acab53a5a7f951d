import { api, take } from "@core/api";
import { fieldDay } from "@core/format";
import type { Schemas } from "@core/protocol";

/** What the desk of retention answers: metadata alone, no word of any case. */

export type Hold = Schemas["Hold"];
export type NewHold = Schemas["NewHold"];
export type Rule = Schemas["RetentionRule"];
export type DueItem = Schemas["DueItem"];
export type RunPreview = Schemas["Preview"];
export type Erasure = Schemas["DeskRequest"];
export type Verdict = Schemas["Verdict"];

/** So many days from now, as a field of dates wants it. */
export function dayIn(days: number): string {
  const then = new Date();
  return fieldDay(then.setDate(then.getDate() + days));
}

/** The days between which a hold is to be looked at again (records/retention/holds.py). */
export const REVIEW = { usual: 180, first: 1, last: 731 };

const hold = (hold_id: string) => ({ params: { path: { hold_id } } });

export const listHolds = () => take(api.GET("/api/compliance/holds"));
export const placeHold = (body: NewHold) => take(api.POST("/api/compliance/holds", { body }));
export const reviewHold = (id: string, review_on: string) => take(api.POST("/api/compliance/holds/{hold_id}/review", { ...hold(id), body: { review_on } }));
export const askRelease = (id: string, reason: string) => take(api.POST("/api/compliance/holds/{hold_id}/release-request", { ...hold(id), body: { reason } }));
export const declineRelease = (id: string, reason: string) => take(api.POST("/api/compliance/holds/{hold_id}/release-refusal", { ...hold(id), body: { reason } }));
export const releaseHold = (id: string) => take(api.POST("/api/compliance/holds/{hold_id}/release", hold(id)));

export const listRules = () => take(api.GET("/api/compliance/retention/rules"));
export const setRule = (retention: Rule["retention"], body: Schemas["NewTerm"]) =>
  take(api.PUT("/api/compliance/retention/rules/{retention}", { params: { path: { retention } }, body }));

export const previewRun = () => take(api.GET("/api/compliance/retention/preview"));
export const confirmRun = (digest: string) => take(api.POST("/api/compliance/retention/runs", { body: { digest } }));

export const listErasures = () => take(api.GET("/api/compliance/erasures"));
export const decideErasure = (request_id: string, body: Verdict) => take(api.POST("/api/compliance/erasures/{request_id}/decision", { params: { path: { request_id } }, body }));
