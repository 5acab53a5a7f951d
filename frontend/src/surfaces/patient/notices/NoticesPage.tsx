import { useEffect, useEffectEvent, useState } from "react";
import { Megaphone } from "lucide-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { getEventsBefore } from "@core/consultations";
import type { EventWith, Person, TimelineEvent } from "@core/protocol";
import { Button } from "@ui/Button";
import { useLive } from "@ui/live";
import { fullName } from "@ui/names";
import { NoticeCard } from "@ui/notices/NoticeCard";
import { useNotices } from "@ui/notices/words";
import { PatientShell } from "@ui/PatientShell";
import { useLocale } from "@ui/settings";
import { EmptyState, ErrorState, Fetched, Loading } from "@ui/states";
import { codedFrom } from "@core/errors";
import { useNav } from "../nav";
import { NOTICES, useOwnNotices, type Notices } from "./api";

export { noticeWords as words } from "@ui/notices/words";

const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** What the hospital sends to many patients at once, newest first. Nothing here asks for an answer. */
export default function NoticesPage() {
  const t = useNotices();
  const notices = useOwnNotices();
  return (
    <PatientShell title={t("nt.title")} back="/" nav={useNav()}>
      <p className="secondary">{t("nt.what")}</p>
      <Fetched query={notices} isEmpty={({ consultation }) => consultation === null} empty={<EmptyState icon={Megaphone} title={t("nt.empty")} />}>
        {({ consultation, unread, people }) => consultation && <List thread={consultation} unread={unread} people={people} />}
      </Fetched>
    </PatientShell>
  );
}

function List({ thread, unread, people }: { thread: string; unread: number; people: readonly Person[] }) {
  const t = useNotices();
  const pages = useInfiniteQuery({
    queryKey: [...NOTICES, thread],
    queryFn: ({ pageParam }) => getEventsBefore(thread, pageParam),
    initialPageParam: EVERYTHING,
    getNextPageParam: ({ events }) => ((events[0]?.seq ?? 1) > 1 ? events[0]?.seq : undefined),
  });
  const events = (pages.data?.pages ?? []).flatMap((page) => [...page.events].reverse());
  const fresh = useFresh(thread, unread, events);
  if (pages.isPending) return <Loading onRetry={() => void pages.refetch()} />;
  if (pages.isError && !pages.data) return <ErrorState error={codedFrom(pages.error)} onRetry={() => void pages.refetch()} />;
  return (
    <>
      <ol className="stack" data-testid="p.notices.list">
        {events.map((event) => (
          <Row key={event.seq} event={event} unread={fresh.has(event.seq)} from={people.find(({ id }) => id === event.sender)} />
        ))}
      </ol>
      {pages.hasNextPage && (
        <Button pending={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()} data-testid="p.notices.older">
          {t("nt.older")}
        </Button>
      )}
    </>
  );
}

function Row({ event, unread, from }: { event: TimelineEvent; unread: boolean; from: Person | undefined }) {
  const t = useNotices();
  const locale = useLocale();
  if (event.kind === "notice.posted") {
    const { title, text } = event.body;
    return (
      <li>
        <NoticeCard title={title} text={text} from={from ? fullName(from, locale) : null} at={event.at} unread={unread} level={2} />
      </li>
    );
  }
  if (event.kind !== "notice.chosen") return null;
  return <li className="n-line">{event.body.opted_out ? t("nt.chosen.off") : t("nt.chosen.on")}</li>;
}

const isNotice = (event: TimelineEvent): event is EventWith<"notice.posted"> => event.kind === "notice.posted";

/** The notices that were unread when the page came; being shown here, they count as read from now on. */
function useFresh(thread: string, unread: number, events: readonly TimelineEvent[]): ReadonlySet<number> {
  const { socket } = useLive();
  const queries = useQueryClient();
  const [shown, setShown] = useState<readonly number[]>([]);
  const fresh = new Set([...shown, ...events.filter(isNotice).slice(0, unread).map((event) => event.seq)]);
  const newest = events[0]?.seq ?? 0;
  const keep = useEffectEvent(() => setShown([...fresh]));
  useEffect(() => {
    if (unread === 0 || newest === 0) return;
    void socket
      .request({ type: "cursor.advance", consultation: thread, delivered: newest, read: newest })
      .then(() => {
        keep();
        queries.setQueryData<Notices>(NOTICES, (now) => now && { ...now, unread: 0 });
      })
      .catch(() => undefined); // Unread for longer: nothing is lost, and the next visit says it again.
  }, [socket, queries, thread, unread, newest]);
  return fresh;
}
