import { api, take } from "./api";
import type { Schemas } from "./protocol";

/** A discussion among clinicians beside a case; the patient never hears of it. */
export type Side = Schemas["Side"];
/** With how far each of its members has come. */
export type SideDetail = Schemas["SideDetail"];

/** Those this clinician belongs to, the newest words first. */
export const getSides = () => take(api.GET("/api/sides"));
/** The one beside a case; `not_found` where there is none, or for those who do not belong to it. */
export const getSide = (consultation_id: string) => take(api.GET("/api/consultations/{consultation_id}/side", { params: { path: { consultation_id } } }));
/** Clinicians who can be asked in, by name. */
export const getColleagues = (q: string) => take(api.GET("/api/colleagues", { params: { query: { q } } }));
