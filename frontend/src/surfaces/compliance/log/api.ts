import { api, take } from "@core/api";
import type { Schemas } from "@core/protocol";
import type { Locale } from "@core/settings";
import type { LogFilters } from "./filters";

export type LogEntry = Schemas["LogEntry"];
export type LogPage = Schemas["LogPage"];

type Query = Schemas["LogQuery"];

/** Each first page is itself an act in the log: ask once, never in the background. */
export const readLog = (filters: LogFilters, before: string | null) => take(api.GET("/api/compliance/log", { params: { query: { ...(filters as Query), ...(before && { before }) } } }));

/** Where the same entries are as a table for spreadsheet programs. */
export const exportOf = (filters: LogFilters, locale: Locale) =>
  `/api/compliance/log/export?${new URLSearchParams({ ...filters, language: locale === "en" ? "en" : "zh" }).toString()}`;
