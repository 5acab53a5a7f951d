import { useEffect, useEffectEvent, useState } from "react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useLocation, useSearch } from "@ui/router";
import { dateTime, parseTime } from "@core/format";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { useSession } from "@ui/live";
import { useLocale } from "@ui/settings";
import { useKeys } from "@ui/staff/keys";
import { Pager } from "@ui/staff/Pager";
import { EmptyState, Fetched } from "@ui/states";
import { findCases, isOfficer, type Case, type Found } from "./api";
import { notApplied, readFilters, without, writeFilters, type FilterName, type Filters } from "./filters";
import { Page } from "./Page";
import { AppliedFilters, FailedSearch, NotApplied } from "./AppliedFilters";
import { SearchForm } from "./SearchForm";
import { PAGE_SIZE, SearchResults } from "./SearchResults";
import { useT } from "./words";

/** C-2: find cases by metadata, select them, ask for access. The search lives in the page's address. */
export function Search() {
  const t = useT();
  const [, go] = useLocation();
  const { filters, page, asked } = readFilters(useSearch());
  const search = (next: Filters, nextPage = 1) => go(`/search${writeFilters(next, nextPage)}`);
  return (
    <Page title={t("c.search.title")} skips={asked ? [["results", t("c.search.skip")]] : []}>
      <p className="secondary">{t("c.search.note")}</p>
      <SearchForm key={writeFilters(filters)} filters={filters} onSearch={search} />
      {asked ? <Results filters={filters} page={page} onSearch={search} /> : <EmptyState title={t("c.search.start")}>{t("c.search.keys")}</EmptyState>}
    </Page>
  );
}

interface ResultsProps {
  filters: Filters;
  page: number;
  onSearch: (filters: Filters, page?: number) => void;
}

/** Every search is written into the ledger, so it is asked once and not again in the background. */
function Results({ filters, page, onSearch }: ResultsProps) {
  const t = useT();
  const query = useQuery({
    queryKey: ["compliance", "cases", filters, page],
    queryFn: () => findCases(filters, page),
    staleTime: "static",
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });
  useSpokenCount(query.isPlaceholderData ? undefined : query.data);
  const remove = (name: FilterName) => onSearch(without(filters, name));
  return (
    <section id="results" tabIndex={-1} data-region aria-labelledby="results-h" className="c-section">
      <h2 id="results-h">{t("c.search.results")}</h2>
      {query.isError && query.data === undefined ? (
        <FailedSearch error={query.error} onRetry={() => void query.refetch()} onRemove={remove} />
      ) : (
        <Fetched query={query} rows={6}>
          {(found) => {
            const lost = notApplied(filters, found.filters);
            if (lost.length > 0 && !query.isPlaceholderData) return <NotApplied names={lost} />;
            return (
              <>
                <AppliedFilters found={found} onRemove={remove} />
                <Partial found={found} />
                {found.total === 0 ? <Nothing filters={filters} onRemove={remove} /> : <Selectable found={found} page={page} onPage={(next) => onSearch(filters, next)} />}
              </>
            );
          }}
        </Fetched>
      )}
    </section>
  );
}

/** What was not looked through is said, never left to be taken for nothing. */
function Partial({ found }: { found: Found }) {
  const t = useT();
  const locale = useLocale();
  if (!found.through) return null;
  return (
    <p className="x-stale" role="note" data-testid="c.search.partial">
      {t("c.search.partial", { total: found.total, through: dateTime(parseTime(found.through), locale) })}
    </p>
  );
}

function useSpokenCount(found: Found | undefined): void {
  const t = useT();
  const locale = useLocale();
  const say = useEffectEvent(({ total, through }: Found) => announce(through ? t("c.search.partial", { total, through: dateTime(parseTime(through), locale) }) : t("c.search.total", { total })));
  useEffect(() => {
    if (!found) return;
    say(found);
    performance.mark("search:results");
  }, [found]);
}

function Nothing({ filters, onRemove }: { filters: Filters; onRemove: (name: FilterName) => void }) {
  const t = useT();
  const names = Object.keys(filters) as FilterName[];
  return (
    <EmptyState title={t("c.search.nothing")}>
      {names.length > 0 && (
        <span className="c-loosen">
          {names.map((name) => (
            <Button key={name} size="small" onClick={() => onRemove(name)} data-testid="c.search.loosen">
              {t("c.search.loosen", { name: t(`c.filter.${name}`) })}
            </Button>
          ))}
        </span>
      )}
    </EmptyState>
  );
}

function Selectable({ found, page, onPage }: { found: Found; page: number; onPage: (page: number) => void }) {
  const t = useT();
  const officer = isOfficer(useSession().roles);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const request = useRequest(found.cases.filter((one) => selected.has(one.id)));
  useKeys({ "Alt+KeyA": request });
  return (
    <>
      <SearchResults cases={found.cases} selected={selected} onSelect={officer ? setSelected : undefined} />
      <div className="c-results-foot">
        <Pager page={page} pages={Math.ceil(found.total / PAGE_SIZE)} onPage={onPage} testid="c.search" />
        {officer && (
          <Button variant="primary" icon={KeyRound} aria-disabled={selected.size === 0} aria-keyshortcuts="Alt+A" onClick={request} data-testid="c.search.request">
            {t("c.search.request", { count: selected.size })}
          </Button>
        )}
      </div>
    </>
  );
}

function useRequest(chosen: readonly Case[]): () => void {
  const t = useT();
  const client = useQueryClient();
  const [, go] = useLocation();
  return () => {
    if (chosen.length === 0) return announce(t("c.search.selectFirst"), "assertive");
    for (const one of chosen) client.setQueryData(["compliance", "case", one.number], one);
    go(`/request?${new URLSearchParams(chosen.map((one) => ["case", one.number])).toString()}`);
  };
}
