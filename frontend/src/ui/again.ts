import type { QueryClient, QueryFilters } from "@tanstack/react-query";

/** Asks for these queries again. One whose first answer is on its way is asked once more after it: that answer may be older than what
 * has changed, and the library does not break off a first request. */
export async function askAgain(queries: QueryClient, filters: QueryFilters = {}): Promise<void> {
  const coming = new Set(queries.getQueryCache().findAll({ ...filters, fetchStatus: "fetching" }).filter(({ state }) => state.data === undefined));
  await queries.invalidateQueries(filters);
  if (coming.size) await queries.invalidateQueries({ predicate: (query) => coming.has(query) });
}
