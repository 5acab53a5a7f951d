import type { EntryKind, EntryValue } from "@core/charts";

/** What can be entered as a number, with its unit and LOINC code. */
export const METRICS = [
  { id: "none", unit: "", code: "" },
  { id: "systolic", unit: "mmHg", code: "8480-6" },
  { id: "diastolic", unit: "mmHg", code: "8462-4" },
  { id: "glucose", unit: "mmol/L", code: "1558-6" },
  { id: "pulse", unit: "/min", code: "8867-4" },
  { id: "temperature", unit: "Cel", code: "8310-5" },
  { id: "weight", unit: "kg", code: "29463-7" },
  { id: "oxygen", unit: "%", code: "59408-5" },
] as const;
export type Metric = (typeof METRICS)[number]["id"];

export interface EntryForm {
  kind: EntryKind;
  text: string;
  number: string;
  metric: Metric;
  /** Why an earlier entry is put right. */
  reason: string;
}

export type Problem = "text" | "number" | "reason";

export function metricOf(value: EntryValue): Metric {
  return METRICS.find((metric) => metric.code === value.code)?.id ?? "none";
}

/** The number as typed, with a full-width or comma decimal point; null when it is not one. */
export function numberOf(typed: string): number | null {
  const plain = typed.normalize("NFKC").trim().replace(/[,。]/g, ".");
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return null;
  return Number(plain);
}

export function valueOf({ kind, number, metric }: EntryForm): EntryValue | null {
  const found = METRICS.find((one) => one.id === metric);
  const read = numberOf(number);
  if (kind !== "reading" || !found || found.id === "none" || read === null) return null;
  return { number: read, unit: found.unit, code: found.code };
}

export function problemsOf(form: EntryForm, amending: boolean): Problem[] {
  const problems: Problem[] = [];
  if (form.text.trim() === "") problems.push("text");
  if (form.kind === "reading" && form.metric !== "none" && numberOf(form.number) === null) problems.push("number");
  if (amending && form.reason.trim() === "") problems.push("reason");
  return problems;
}
