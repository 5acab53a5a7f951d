import { useEffect, useRef, useState } from "react";
import { Search } from "lucide-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import { marked, merged, search, type SearchHit, type SearchPage } from "@core/search";
import { announce } from "../announce";
import { Button } from "../Button";
import { TextField } from "../fields";
import { fullName, languageOf } from "../names";
import { Link } from "../router";
import { useLocale } from "../settings";
import { EmptyState, ErrorState, Loading } from "../states";
import { useSearchWords } from "./words";
import "./search.css";

interface SearchBoxProps {
  /** Which conversation a hit is from. */
  titleOf: (hit: SearchHit) => string;
  /** Where a hit is opened. */
  hrefOf: (hit: SearchHit) => string;
}

/** Words, then what was found, newest first. Each page of the answer is bounded: "go on" looks further back. */
export function SearchBox(props: SearchBoxProps) {
  const t = useSearchWords();
  const [typed, setTyped] = useState("");
  const [query, setQuery] = useState("");
  const field = useRef<HTMLFormElement>(null);
  useEffect(() => field.current?.querySelector("input")?.focus(), []);
  return (
    <>
      <form
        ref={field}
        className="x-search"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setQuery(typed.trim());
        }}
      >
        <TextField type="search" enterKeyHint="search" maxLength={100} label={t("sr.label")} value={typed} onChange={(event) => setTyped(event.target.value)} data-testid="x.search.query" />
        <Button type="submit" variant="primary" icon={Search} data-testid="x.search.submit">
          {t("sr.submit")}
        </Button>
      </form>
      {query ? <Found key={query} query={query} {...props} /> : <p className="secondary">{t("sr.what")}</p>}
    </>
  );
}

function Found({ query, ...props }: SearchBoxProps & { query: string }) {
  const t = useSearchWords();
  const pages = useInfiniteQuery({
    queryKey: ["search", query],
    queryFn: ({ pageParam, signal }) => search(query, { before: pageParam, signal }) as Promise<SearchPage>,
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    gcTime: 0, // what was searched for and found does not stay behind the page
  });
  const hits = (pages.data?.pages ?? []).reduce<SearchHit[]>((known, page) => merged(known, page), []);
  const { hasNextPage, isFetching, fetchNextPage } = pages;
  const done = !isFetching && pages.isSuccess;
  useEffect(() => {
    if (done) announce(t("sr.found", { count: hits.length }));
  }, [done, hits.length, t]);
  if (pages.isError && hits.length === 0) return <ErrorState error={codedFrom(pages.error)} onRetry={() => void pages.refetch()} />;
  return (
    <>
      <ul className="x-hits" data-testid="x.search.hits">
        {hits.map((hit) => (
          <li key={`${hit.consultation}#${hit.seq}`}>
            <Hit hit={hit} {...props} />
          </li>
        ))}
      </ul>
      {isFetching && <Loading />}
      {pages.isError && !isFetching && <ErrorState error={codedFrom(pages.error)} onRetry={() => void fetchNextPage()} />}
      {done && hits.length === 0 && !hasNextPage && <EmptyState icon={Search} title={t("sr.none")} />}
      {done && hasNextPage && (
        <Button onClick={() => void fetchNextPage()} data-testid="x.search.more">
          {t("sr.more")}
        </Button>
      )}
      {done && !hasNextPage && hits.length > 0 && <p className="secondary">{t("sr.end")}</p>}
    </>
  );
}

function Hit({ hit, titleOf, hrefOf }: SearchBoxProps & { hit: SearchHit }) {
  const locale = useLocale();
  return (
    <Link href={hrefOf(hit)} className="x-hit" data-testid="x.search.hit">
      <span className="x-hit-head">
        <strong>{titleOf(hit)}</strong>
        <time className="meta" dateTime={hit.at}>
          {dateTime(parseTime(hit.at), locale)}
        </time>
      </span>
      <span lang={languageOf(hit.excerpt)}>
        {hit.sender && <span className="secondary">{fullName(hit.sender, locale)} </span>}
        {marked(hit).map((part, i) => (part.hit ? <mark key={i}>{part.text}</mark> : part.text))}
      </span>
    </Link>
  );
}
