import { useState } from "react";
import { Search } from "lucide-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime, playTime } from "@core/format";
import { marked } from "@core/search";
import { searchCalls } from "@core/transcripts";
import { Button } from "@ui/Button";
import { TextField } from "@ui/fields";
import { languageOf } from "@ui/names";
import { Link } from "@ui/router";
import { useLocale } from "@ui/settings";
import { useSpeakerName } from "@ui/staff/transcript/speakers";
import { ErrorState, Loading } from "@ui/states";
import { useReviewWords } from "./words";
import "@ui/search/search.css";

/** Words in all recorded calls of one patient; a hit leads to the second in which they were said. */
export function CallSearch({ patient }: { patient: string }) {
  const r = useReviewWords();
  const [typed, setTyped] = useState("");
  const [query, setQuery] = useState("");
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setQuery(typed.trim());
  };
  return (
    <section className="stack" aria-labelledby="rv-find" data-testid="d.calls.search">
      <h2 id="rv-find">{r("rv.find")}</h2>
      <form className="x-search" role="search" onSubmit={submit}>
        <TextField type="search" enterKeyHint="search" maxLength={100} label={r("rv.find.label")} value={typed} onChange={(event) => setTyped(event.target.value)} data-testid="d.calls.query" />
        <Button type="submit" icon={Search}>
          {r("rv.find.do")}
        </Button>
      </form>
      {query && <Found key={query} patient={patient} query={query} />}
    </section>
  );
}

function Found({ patient, query }: { patient: string; query: string }) {
  const r = useReviewWords();
  const locale = useLocale();
  const nameOf = useSpeakerName();
  const pages = useInfiniteQuery({
    queryKey: ["search calls", patient, query],
    queryFn: ({ pageParam }) => searchCalls(patient, query, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    gcTime: 0, // what was searched for and found does not stay behind the page
  });
  const hits = (pages.data?.pages ?? []).flatMap((page) => page.hits);
  if (pages.isError) return <ErrorState error={codedFrom(pages.error)} onRetry={() => void pages.refetch()} />;
  return (
    <>
      <ul className="x-hits" data-testid="d.calls.hits">
        {hits.map((hit) => (
          <li key={`${hit.recording}-${hit.segment}`}>
            <Link href={`/recordings/${hit.recording}?at=${hit.start}`} className="x-hit">
              <span className="x-hit-head">
                <strong>{nameOf(hit.speaker, hit.speaker_name)}</strong>
                <span className="meta">
                  {dateTime(parseTime(hit.at), locale)} · {playTime(hit.start)}
                </span>
              </span>
              <span lang={languageOf(hit.excerpt)}>{marked(hit).map((part, i) => (part.hit ? <mark key={i}>{part.text}</mark> : part.text))}</span>
            </Link>
          </li>
        ))}
      </ul>
      {pages.isFetching && <Loading />}
      {!pages.isFetching && hits.length === 0 && !pages.hasNextPage && <p role="status">{r("rv.find.none")}</p>}
      {pages.hasNextPage && <Button onClick={() => void pages.fetchNextPage()}>{r("rv.find.more")}</Button>}
    </>
  );
}
