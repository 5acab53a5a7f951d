import { useQuery } from "@tanstack/react-query";
import { api, take } from "@core/api";
import type { Schemas } from "@core/protocol";

/** The monthly review of the access log: metadata and what reviewers wrote, no word of any case. */

export type Month = Schemas["Month"];
export type MonthDetail = Schemas["MonthDetail"];
export type Hint = Schemas["AccessHint"];
export type Outcome = Schemas["Settling"]["outcome"];

export const OUTCOMES = ["explained", "pursued"] as const satisfies readonly Outcome[];
export const NOTE = { min: 4, max: 1000 };

const LIST_MS = 60_000;
export const REVIEWS = ["compliance", "reviews"];
const of = (month: string) => ({ params: { path: { month } } });

export const useReviews = () => useQuery({ queryKey: REVIEWS, queryFn: () => take(api.GET("/api/compliance/reviews")), refetchInterval: LIST_MS });

/** Each look is an act in the log: ask once, never in the background. */
export const ONCE = { staleTime: 0, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false } as const;

export const useMonth = (month: string) =>
  useQuery({ queryKey: [...REVIEWS, month], queryFn: () => take(api.GET("/api/compliance/reviews/{month}", of(month))), ...ONCE });

export const actsOf = (month: string, key: string) => take(api.GET("/api/compliance/reviews/{month}/hints/{key}", { params: { path: { month, key } } }));
export const settleHint = (month: string, key: string, body: Schemas["Settling"]) => take(api.POST("/api/compliance/reviews/{month}/hints/{key}/note", { params: { path: { month, key } }, body }));
export const nameReviewer = (month: string, person: string) => take(api.POST("/api/compliance/reviews/{month}/reviewer", { ...of(month), body: { person } }));
export const signMonth = (month: string, note: string) => take(api.POST("/api/compliance/reviews/{month}/signature", { ...of(month), body: { note } }));
