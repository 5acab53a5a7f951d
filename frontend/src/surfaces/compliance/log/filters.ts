import type { Schemas } from "@core/protocol";

/** What the log is narrowed by, as it stands in the page's address and as the server says it applied it. */

type Entry = Schemas["LogEntry"];
export const ACTS = ["sign_in", "search", "read", "export", "emergency", "grant", "keeping", "review", "oversight", "account"] as const satisfies readonly Entry["act"][];
export const PURPOSES = ["complaint", "dispute", "judicial", "quality", "regulator", "patient", "safety", "care", "family"] as const satisfies readonly Entry["purpose"][];

export const LOG_FILTERS = ["person", "number", "act", "purpose", "from", "to"] as const;
export type LogFilter = (typeof LOG_FILTERS)[number];
export type LogFilters = Partial<Record<LogFilter, string>>;

/** Only what stands there, in the order of the form. */
export function chosen(given: Record<string, string | null | undefined>): LogFilters {
  return Object.fromEntries(LOG_FILTERS.flatMap((name) => (given[name]?.trim() ? [[name, given[name].trim()]] : [])));
}

export const fromAddress = (search: string): LogFilters => chosen(Object.fromEntries(new URLSearchParams(search)));

export function toAddress(filters: LogFilters): string {
  const text = new URLSearchParams(chosen(filters)).toString();
  return text ? `/log?${text}` : "/log";
}
