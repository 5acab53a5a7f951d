import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { FileSearch, FolderOpen, ListChecks } from "lucide-react";
import { useLocation } from "@ui/router";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { Button } from "@ui/Button";
import { useSession } from "@ui/live";
import { useLocale } from "@ui/settings";
import { HealthSentence } from "@ui/staff/HealthSentence";
import { useNow } from "@ui/staff/useNow";
import { EmptyState, Fetched } from "@ui/states";
import { worklistOf } from "./access";
import { isApprover, isOfficer, ledgerHealth, type Grant } from "./api";
import { Alarms } from "./Glass";
import { GrantRow } from "./Grants";
import { Page, useForMe, useMine, useToDecide } from "./Page";
import { DueReviews } from "./oversight/DueReviews";
import { DueHolds } from "./retention/DueHolds";
import { useT } from "./words";

const ENDED_SHOWN = 10;

/** C-1: what waits for me, what I may open now, and whether the ledger is whole. */
export function Worklist() {
  const t = useT();
  const { roles } = useSession();
  const [, go] = useLocation();
  return (
    <Page
      title={t("c.worklist.title")}
      actions={
        <Button icon={FileSearch} variant="primary" onClick={() => go("/search")} data-testid="c.worklist.search">
          {t("c.nav.search")}
        </Button>
      }
    >
      <Alarms />
      <LedgerSentence />
      <DueHolds />
      <DueReviews />
      {isApprover(roles) && <ForMe />}
      {isOfficer(roles) && <MyRequests />}
    </Page>
  );
}

const useHealth = () => useQuery({ queryKey: ["integrity"], queryFn: ledgerHealth, refetchInterval: 30_000 });

/** "上次完整性检查 14:00，全部一致": with nothing to do, this is what there is to know. */
function LastCheck() {
  const t = useT();
  const locale = useLocale();
  const health = useHealth().data;
  if (!health?.last_full_check) return null; // which the sentence above says already
  const time = dateTime(parseTime(health.last_full_check), locale);
  return <span data-testid="c.worklist.checked">{t("c.worklist.checked", { time, count: health.problems })}</span>;
}

function LedgerSentence() {
  const health = useHealth();
  const locale = useLocale();
  return <Fetched query={health} rows={1}>{(found) => <HealthSentence ok={found.ok} words={inLocale(found.sentence, locale)} />}</Fetched>;
}

function ForMe() {
  const t = useT();
  const now = useNow(30_000);
  const query = useToDecide();
  const forMe = useForMe();
  return (
    <Section title={t("c.worklist.approve")} id="for-me">
      <Fetched query={query} isEmpty={(all) => !all.some(forMe)} empty={<p className="secondary">{t("c.approvals.none")} <LastCheck /></p>}>
        {(all) => <Rows grants={all.filter(forMe)} now={now} to={(grant) => `/approvals/${grant.id}`} testid="c.approvals.row" />}
      </Fetched>
    </Section>
  );
}

function MyRequests() {
  const t = useT();
  const now = useNow(30_000);
  const query = useMine();
  const [, go] = useLocation();
  const search = (
    <Button icon={FileSearch} onClick={() => go("/search")}>
      {t("c.nav.search")}
    </Button>
  );
  return (
    <Fetched query={query}>
      {(all) => {
        const { returned, expiring, approved, waiting, ended } = worklistOf(all, now);
        const idle = [returned, expiring, approved, waiting].every((grants) => grants.length === 0);
        return (
          <>
            {idle && (
              <EmptyState icon={ListChecks} title={t("c.worklist.empty")} action={search}>
                <LastCheck />
              </EmptyState>
            )}
            <GrantSection title={t("c.worklist.returned")} id="returned" grants={returned} now={now} />
            <GrantSection title={t("c.worklist.expiring")} id="expiring" grants={expiring} now={now} open />
            <GrantSection title={t("c.worklist.approved")} id="approved" grants={approved} now={now} open />
            <GrantSection title={t("c.worklist.waiting")} id="waiting" grants={waiting} now={now} />
            <GrantSection title={t("c.worklist.ended")} id="ended" grants={ended.slice(0, ENDED_SHOWN)} now={now} />
          </>
        );
      }}
    </Fetched>
  );
}

function GrantSection({ title, id, grants, now, open = false }: { title: string; id: string; grants: readonly Grant[]; now: number; open?: boolean }) {
  if (grants.length === 0) return null;
  return (
    <Section title={title} id={id} count={grants.length}>
      <Rows grants={grants} now={now} to={(grant) => `/grants/${grant.id}`} testid="c.worklist.row" action={open ? (grant) => <OpenButton grant={grant} /> : undefined} />
    </Section>
  );
}

/** Straight from the list into the case. */
export function OpenButton({ grant }: { grant: Grant }) {
  const t = useT();
  const [, go] = useLocation();
  return (
    <Button variant="primary" size="small" icon={FolderOpen} aria-label={t("c.open.named", { number: grant.case.number })} onClick={() => go(`/grants/${grant.id}/case`)} data-testid="c.grant.open">
      {t("c.open")}
    </Button>
  );
}

interface RowsProps {
  grants: readonly Grant[];
  now: number;
  to: (grant: Grant) => string;
  testid: string;
  action?: ((grant: Grant) => ReactNode) | undefined;
}

export function Rows({ grants, now, to, testid, action }: RowsProps) {
  return (
    <ul className="c-grants">
      {grants.map((grant) => (
        <GrantRow key={grant.id} grant={grant} href={to(grant)} now={now} testid={testid} action={action?.(grant)} />
      ))}
    </ul>
  );
}

export function Section({ title, id, count, children }: { title: string; id: string; count?: number; children: ReactNode }) {
  const t = useT();
  return (
    <section className="c-section" aria-labelledby={`${id}-h`}>
      <h2 id={`${id}-h`}>
        {title}
        {count !== undefined && <span className="c-section-count">{t("c.count", { count })}</span>}
      </h2>
      {children}
    </section>
  );
}
