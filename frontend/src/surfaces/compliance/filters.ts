/** The search by metadata: what was asked, as it stands in the page's address and as the server says it applied it. */

/** What a case may hold; each is either asked for or not. */
export const CONTAINED = ["photo", "paper", "voice", "call", "discussion"] as const;
/** Shown only when asked for, or in use. */
export const FURTHER = ["staff", "flag", ...CONTAINED, "keeping", "asked", "file"] as const;
export const FILTERS = ["patient", "doctor", "department", "from", "to", "state", "number", ...FURTHER] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filters = Partial<Record<FilterName, string>>;

/** The address carries the search, so that "back" and a reload find the same list again. */
export function readFilters(search: string): { filters: Filters; page: number; asked: boolean } {
  const params = new URLSearchParams(search);
  const filters: Filters = {};
  for (const name of FILTERS) {
    const value = params.get(name)?.trim();
    if (value) filters[name] = value;
  }
  const page = Math.max(1, Math.floor(Number(params.get("page") ?? 1)) || 1);
  return { filters, page, asked: params.has("page") || Object.keys(filters).length > 0 };
}

/** The query string of a search; `page` is always there, so that a search without filters is one too. */
export function writeFilters(filters: Filters, page = 1): string {
  const params = new URLSearchParams();
  for (const name of FILTERS) {
    const value = filters[name]?.trim();
    if (value) params.set(name, value);
  }
  params.set("page", String(page));
  return `?${params.toString()}`;
}

export function without(filters: Filters, name: FilterName): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([other]) => other !== name));
}

/** Filters that were asked for and that the server did not say it applied. Anything here makes the results wrong to show. */
export function notApplied(asked: Filters, applied: readonly { name: string }[]): FilterName[] {
  const names = new Set(applied.map((filter) => filter.name));
  return FILTERS.filter((name) => asked[name] !== undefined && !names.has(name));
}

/** Days are inclusive and compare as text: ISO dates sort. */
export function datesReversed({ from, to }: Filters): boolean {
  return from !== undefined && to !== undefined && from > to;
}

/** What the server said is wrong with single filters, by the filter's name. Anything here was not searched by. */
export function refusedFilters<Words>(fields: Readonly<Record<string, Words>> | null | undefined): [FilterName, Words][] {
  return Object.entries(fields ?? {}).filter((field): field is [FilterName, Words] => (FILTERS as readonly string[]).includes(field[0]));
}
