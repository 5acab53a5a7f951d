import { useInfiniteQuery } from "@tanstack/react-query";
import { CalendarCheck2, Download, History } from "lucide-react";
import { codedFrom } from "@core/errors";
import { Button } from "@ui/Button";
import { useLocation, useSearch } from "@ui/router";
import { FreshLink } from "@ui/security/FreshLink";
import { useLocale } from "@ui/settings";
import { EmptyState, ErrorState, Loading } from "@ui/states";
import { Page } from "../Page";
import { exportOf, readLog } from "./api";
import { Applied } from "./Applied";
import { fromAddress, toAddress, type LogFilters } from "./filters";
import { LogForm } from "./LogForm";
import { LogList } from "./LogList";
import { useLogWords } from "./words";
import "./log.css";

export { words } from "./words";

/** C-10: who did what, why and when. Looking at it stands in it too, so it is read once and not again in the background. */
export default function AccessLog() {
  const t = useLogWords();
  const [, go] = useLocation();
  const filters = fromAddress(useSearch());
  const show = (next: LogFilters) => go(toAddress(next));
  return (
    <Page
      title={t("al.title")}
      skips={[["log", t("al.skip")]]}
      actions={
        <Button icon={CalendarCheck2} onClick={() => go("/log/reviews")} data-testid="al.reviews">
          {t("al.reviews")}
        </Button>
      }
    >
      <p className="secondary">{t("al.what")}</p>
      <LogForm key={toAddress(filters)} filters={filters} onShow={show} />
      <Entries filters={filters} onShow={show} />
    </Page>
  );
}

function Entries({ filters, onShow }: { filters: LogFilters; onShow: (filters: LogFilters) => void }) {
  const t = useLogWords();
  const pages = useInfiniteQuery({
    queryKey: ["compliance", "log", filters],
    queryFn: ({ pageParam }) => readLog(filters, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const again = () => void pages.refetch();
  const entries = (pages.data?.pages ?? []).flatMap((page) => page.entries);
  return (
    <section id="log" tabIndex={-1} data-region aria-labelledby="log-h" className="c-section">
      <h2 id="log-h" className="sr-only">
        {t("al.entries")}
      </h2>
      {pages.isPending && <Loading rows={8} onRetry={again} />}
      {pages.isError && <ErrorState error={codedFrom(pages.error)} onRetry={again} />}
      {pages.data && (
        <>
          <div className="al-head">
            <Applied filters={pages.data.pages[0]?.filters ?? []} onRemove={(name) => onShow({ ...filters, [name]: "" })} />
            {entries.length > 0 && <Export filters={filters} />}
          </div>
          {entries.length === 0 ? <EmptyState icon={History} title={t("al.none")} /> : <LogList entries={entries} />}
          {pages.hasNextPage && (
            <Button pending={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()} data-testid="al.older">
              {t("al.older")}
            </Button>
          )}
        </>
      )}
    </section>
  );
}

function Export({ filters }: { filters: LogFilters }) {
  const t = useLogWords();
  const locale = useLocale();
  return (
    <FreshLink className="c-inline-link" href={exportOf(filters, locale)} download data-testid="al.export">
      <Download size={16} aria-hidden /> {t("al.export")}
    </FreshLink>
  );
}
