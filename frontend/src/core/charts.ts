import { api, take } from "./api";
import type { Schemas } from "./protocol";

export type ChartEntry = Schemas["Entry"];
export type EntryKind = ChartEntry["kind"];
/** A measured value; `code` is the LOINC code of what was measured. */
export type EntryValue = Schemas["Value"];
export type ChartItem = Schemas["Item"];
/** `timeline` is newest first. */
export type Chart = Schemas["ChartPage"];
export type PatientRow = Schemas["PatientRow"];
export type NewEntry = Schemas["NewEntry"];
export type Amendment = Schemas["Amendment"];

export const ENTRY_KINDS: readonly EntryKind[] = ["note", "reading", "medication", "problem", "allergy", "risk"];

const of = (patient_id: string) => ({ params: { path: { patient_id } } });

export const getPatients = () => take(api.GET("/api/charts"));
/** Each opening is noted for the patient to see: ask only when the chart is shown. */
export const getChart = (patient: string) => take(api.GET("/api/charts/{patient_id}", of(patient)));
export const addEntry = (patient: string, body: NewEntry) => take(api.POST("/api/charts/{patient_id}/entries", { ...of(patient), body }));
export const amendEntry = (patient_id: string, entry_id: string, body: Amendment) =>
  take(api.POST("/api/charts/{patient_id}/entries/{entry_id}/amend", { params: { path: { patient_id, entry_id } }, body }));

/** Entries of a kind that nothing has amended, newest first. */
export function currentEntries(chart: Chart, kind: EntryKind): ChartEntry[] {
  return chart.timeline.flatMap(({ entry }) => (entry?.kind === kind && entry.amended_by === null ? [entry] : []));
}

/** What the entry said before, newest first: every earlier version stays readable. */
export function earlierVersions(chart: Chart, entry: ChartEntry): ChartEntry[] {
  const byId = new Map(chart.timeline.flatMap((item) => (item.entry ? [[item.entry.id, item.entry] as const] : [])));
  const found: ChartEntry[] = [];
  for (let before = entry.amends; before !== null; ) {
    const version = byId.get(before);
    if (!version || found.includes(version)) break;
    found.push(version);
    before = version.amends;
  }
  return found;
}
