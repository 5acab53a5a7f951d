import { api, take } from "./api";
import type { Schemas } from "./protocol";

export type FamilyRow = Schemas["FamilyRow"];
export type MessageScope = FamilyRow["messages"];
/** The parts of a patient's record, as they are let be seen. */
export type Part = Schemas["ChartPage"]["parts"][number];
export type RecordPart = Exclude<Part, "messages">;
export const RECORD_PARTS: readonly RecordPart[] = ["record", "medication", "calls"];

/** Whom I let in, and who lets me in. */
export const getFamily = () => take(api.GET("/api/family"));
export const letIn = (body: Schemas["NewFamily"]) => take(api.POST("/api/family", { body }));
export const endFamily = (access_id: string) => take(api.DELETE("/api/family/{access_id}", { params: { path: { access_id } } }));
