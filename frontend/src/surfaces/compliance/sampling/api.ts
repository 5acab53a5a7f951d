import { useQuery } from "@tanstack/react-query";
import { api, take } from "@core/api";
import type { Schemas } from "@core/protocol";
import type { Locale } from "@core/settings";

/** Samples of closed cases: metadata and what reviewers wrote, no word of any case. */

export type SampleBrief = Schemas["SampleBrief"];
export type Sample = Schemas["SampleDetail"];
export type SampledCase = Schemas["SampledCase"];
export type SampleFinding = Required<Schemas["SampleFinding"]>;
export type Rating = Schemas["Rating"];
export type Verdict = NonNullable<SampledCase["verdict"]>;

export const KINDS = ["safety", "clarity", "completeness", "empathy", "timeliness", "privacy"] as const satisfies readonly SampleFinding["kind"][];
export const SEVERITIES = ["minor", "major", "critical"] as const satisfies readonly SampleFinding["severity"][];
export const VERDICTS = ["clean", "found", "unreadable"] as const satisfies readonly Verdict[];

const LIST_MS = 15_000;
const of = (sample_id: string) => ({ params: { path: { sample_id } } });

export const SAMPLES = ["compliance", "samples"];
export const useSamples = (on = true) => useQuery({ queryKey: SAMPLES, queryFn: () => take(api.GET("/api/compliance/samples")), enabled: on, refetchInterval: LIST_MS });

export const useRaters = () => useQuery({ queryKey: [...SAMPLES, "raters"], queryFn: () => take(api.GET("/api/compliance/samples/raters")) });
export const planSample = (body: Schemas["NewSample"]) => take(api.POST("/api/compliance/samples", { body }));
export const getSample = (id: string) => take(api.GET("/api/compliance/samples/{sample_id}", of(id)));
export const decideSample = (id: string, body: Schemas["SampleDecision"]) => take(api.POST("/api/compliance/samples/{sample_id}/decision", { ...of(id), body }));
export const reviewItem = (sample_id: string, position: number, body: Schemas["NewReview"]) =>
  take(api.POST("/api/compliance/samples/{sample_id}/items/{position}/review", { params: { path: { sample_id, position } }, body }));
export const resolveItem = (sample_id: string, position: number, body: Schemas["NewReview"]) =>
  take(api.POST("/api/compliance/samples/{sample_id}/items/{position}/resolution", { params: { path: { sample_id, position } }, body }));
export const confirmItem = (sample_id: string, position: number) => take(api.POST("/api/compliance/samples/{sample_id}/items/{position}/confirmation", { params: { path: { sample_id, position } } }));
export const joinSample = (id: string) => take(api.POST("/api/compliance/samples/{sample_id}/participation", of(id)));
export const signSample = (id: string) => take(api.POST("/api/compliance/samples/{sample_id}/signature", of(id)));
export const closeSample = (id: string) => take(api.POST("/api/compliance/samples/{sample_id}/closing", of(id)));
export const findingsOf = (id: string, locale: Locale) => `/api/compliance/samples/${id}/findings?language=${locale === "en" ? "en" : "zh"}`;
export const drawOf = (id: string) => `/api/compliance/samples/${id}/draw`;
