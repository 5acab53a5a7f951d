import { api, take } from "./api";
import type { Schemas } from "./protocol";

export type SearchHit = Schemas["SearchHit"];
export type SearchPage = Schemas["SearchPage"];

/** One piece of text; `hit` where it is what was searched for. */
export interface Marked {
  text: string;
  hit: boolean;
}

/** The next page of what matches every word, newest first; only in `consultation` if that is given. A page may be short, or
 * empty, although there is more: go on while `next` is not null. What is searched for never stands in an address. */
export const search = (query: string, { before = null, consultation = null, signal }: { before?: string | null; consultation?: string | null; signal?: AbortSignal } = {}) =>
  take(api.POST("/api/search", { body: { query, before, consultation }, ...(signal ? { signal } : {}) }));

/** Hits with those of a later page added. A message can match twice, by its own words and by its correction: the newer stays. */
export function merged(hits: readonly SearchHit[], page: SearchPage): SearchHit[] {
  const known = new Set(hits.map(place));
  return [...hits, ...page.hits.filter((hit) => !known.has(place(hit)))];
}

const place = (hit: SearchHit): string => `${hit.consultation}#${hit.seq}`;

/** The excerpt of a hit, cut where it is to be highlighted. */
export function marked({ excerpt, marks }: { excerpt: string; marks: readonly (readonly number[])[] }): Marked[] {
  const parts: Marked[] = [];
  let at = 0;
  for (const [start = 0, end = 0] of marks) {
    if (start > at) parts.push({ text: excerpt.slice(at, start), hit: false });
    parts.push({ text: excerpt.slice(start, end), hit: true });
    at = end;
  }
  if (at < excerpt.length) parts.push({ text: excerpt.slice(at), hit: false });
  return parts;
}
