import { useEffect, useRef, useState } from "react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime, spokenLength } from "@core/format";
import { marked } from "@core/search";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { TextField } from "@ui/fields";
import { fullName, languageOf } from "@ui/names";
import { useLocale } from "@ui/settings";
import { EmptyState, ErrorState, Loading } from "@ui/states";
import { searchCase, type CaseHit, type CaseSearchPage, type Grant } from "./api";
import { useCaseWork, type Spot } from "./casework";
import { useT } from "./words";
import "@ui/search/search.css";

export type Found = ReturnType<typeof useFind>;

/** Each page is a search in the ledger: asked once, never in the background. Stays while the case is open, whichever part is looked at. */
export function useFind(grant: Grant) {
  const [query, setQuery] = useState("");
  const pages = useInfiniteQuery({
    queryKey: ["content", grant.id, "find", query],
    queryFn: ({ pageParam, signal }) => searchCase(grant.id, query, pageParam, signal) as Promise<CaseSearchPage>,
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    enabled: query !== "",
    staleTime: "static",
    gcTime: 0,
    retry: false,
    placeholderData: keepPreviousData,
  });
  return { query, setQuery, pages };
}

/** Words in the case that is open, within what was approved: never another case, another day or another kind of content. */
export function Find({ find }: { find: Found }) {
  const t = useT();
  const [typed, setTyped] = useState(find.query);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    find.setQuery(typed.trim());
  };
  return (
    <div className="stack">
      <form ref={form} className="x-search" role="search" onSubmit={submit}>
        <TextField
          type="search"
          enterKeyHint="search"
          autoComplete="off"
          maxLength={100}
          label={t("c.find.label")}
          hint={t("c.find.hint")}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          data-testid="c.find.query"
        />
        <Button type="submit" variant="primary" icon={Search} data-testid="c.find.submit">
          {t("c.find.submit")}
        </Button>
      </form>
      {find.query !== "" && <Results find={find} />}
    </div>
  );
}

function Results({ find: { pages } }: { find: Found }) {
  const t = useT();
  const all = pages.isPlaceholderData ? [] : (pages.data?.pages ?? []);
  const hits = all.flatMap((page) => page.hits);
  const last = all.at(-1);
  const settled = last !== undefined && !pages.isFetching;
  useEffect(() => {
    if (settled) announce(t("c.find.found", { count: hits.length }));
  }, [settled, hits.length, t]);
  const more = () => void (all.length > 0 ? pages.fetchNextPage() : pages.refetch());
  return (
    <>
      {last && <Progress searched={last.searched} total={last.total} found={hits.length} unreadable={all.reduce((sum, page) => sum + page.unreadable, 0)} />}
      <ul className="x-hits" data-testid="c.find.hits">
        {hits.map((hit, i) => (
          <li key={i}>
            <Hit hit={hit} />
          </li>
        ))}
      </ul>
      {pages.isFetching && <Loading rows={2} />}
      {pages.isError && !pages.isFetching && (
        <ErrorState error={codedFrom(pages.error)} onRetry={more}>
          <p>{t("c.find.incomplete")}</p>
        </ErrorState>
      )}
      {settled && hits.length === 0 && last.next === null && <EmptyState icon={Search} title={t("c.find.none")} />}
      {settled && last.next !== null && !pages.isError && (
        <Button onClick={more} data-testid="c.find.more">
          {t("c.find.more")}
        </Button>
      )}
    </>
  );
}

/** How much was looked through: never "nothing found" for a part of it. */
function Progress({ searched, total, found, unreadable }: { searched: number; total: number; found: number; unreadable: number }) {
  const t = useT();
  return (
    <p data-testid="c.find.progress" data-searched={searched} data-total={total}>
      <strong>{t("c.find.found", { count: found })}</strong> <span className="secondary">{t("c.find.progress", { searched, total })}</span>{" "}
      {unreadable > 0 && <span className="c-unreadable">{t("c.find.unreadable", { count: unreadable })}</span>}
    </p>
  );
}

const spotOf = (hit: CaseHit): Spot => (hit.part === "transcripts" ? { part: hit.part, recording: hit.recording ?? "" } : { part: hit.part, seq: hit.seq ?? 0 });

function Hit({ hit }: { hit: CaseHit }) {
  const t = useT();
  const locale = useLocale();
  const { go } = useCaseWork();
  return (
    <button type="button" className="x-hit c-hit" onClick={() => go(spotOf(hit))} data-testid="c.find.hit" data-part={hit.part} data-seq={hit.seq ?? undefined}>
      <span className="x-hit-head">
        <strong>{hit.sender ? fullName(hit.sender, locale) : t(`c.content.${hit.part}`)}</strong>
        <span className="meta">
          {hit.part === "discussion" && `${t("c.content.discussion")} · `}
          <time dateTime={hit.at}>{dateTime(parseTime(hit.at), locale)}</time>
          {hit.start !== null && ` · ${spokenLength(hit.start, locale)}`}
        </span>
      </span>
      <span lang={languageOf(hit.excerpt)}>{marked(hit).map((part, i) => (part.hit ? <mark key={i}>{part.text}</mark> : part.text))}</span>
    </button>
  );
}
