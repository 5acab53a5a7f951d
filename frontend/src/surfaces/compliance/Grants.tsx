import type { ComponentType, ReactNode } from "react";
import { Ban, CircleCheck, CircleX, Clock3, Siren, TimerOff, Undo2 } from "lucide-react";
import { Link } from "@ui/router";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { Chip, type Tone } from "@ui/Chip";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { remaining, remainingWords, TOLD_AFTER_DAYS } from "./access";
import { CONTENTS, type Case, type Content, type Grant, type GrantState } from "./api";
import { Marks } from "./Marks";
import { TwoChip } from "./Second";
import { useT } from "./words";

type Icon = ComponentType<{ size?: number; "aria-hidden"?: boolean }>;

const LOOK: Record<GrantState, [Icon, Tone]> = {
  waiting: [Clock3, "info"],
  returned: [Undo2, "warn"],
  approved: [CircleCheck, "ok"],
  rejected: [CircleX, "danger"],
  expired: [TimerOff, "neutral"],
  revoked: [Ban, "danger"],
};

export function GrantChip({ state }: { state: GrantState }) {
  const t = useT();
  const [icon, tone] = LOOK[state];
  return (
    <Chip tone={tone} icon={icon} data-state={state} data-testid="c.grant.state">
      {t(`c.grant.${state}`)}
    </Chip>
  );
}

/** "文字对话、录音和转写文字": several things as one phrase of the page's language. */
export function useListed(): (words: readonly string[]) => string {
  const locale = useLocale();
  return (words) => new Intl.ListFormat(locale === "en" ? "en-GB" : locale).format(words);
}

/** What a grant opens. */
export function useContents(): (content: readonly Content[]) => string {
  const t = useT();
  const listed = useListed();
  return (content) => listed(CONTENTS.filter((one) => content.includes(one)).map((one) => t(`c.content.${one}`)));
}

/** One request or grant in a list: what it is about, its state, and where it leads. */
export function GrantRow({ grant, href, now, testid, action }: { grant: Grant; href: string; now: number; testid: string; action?: ReactNode }) {
  const t = useT();
  const locale = useLocale();
  const contents = useContents();
  const left = remaining(grant, now);
  return (
    <li className="c-grant" data-testid={testid} data-state={grant.state}>
      <div className="c-grant-main">
        <p>
          <Link href={href} className="c-grant-link">
            {grant.case.number} · {grant.case.patient}
          </Link>
        </p>
        <p className="secondary">
          {t(`c.purpose.${grant.purpose}`)} · {contents(grant.content)} · {fullName(grant.requester, locale)} · {dateTime(parseTime(grant.requested_at), locale, now)}
        </p>
      </div>
      <div className="c-grant-side">
        {grant.urgent && (
          <Chip tone="danger" icon={Siren}>
            {t("c.glass.title")}
          </Chip>
        )}
        <Marks found={grant.case} annotations={grant.annotations} />
        <GrantChip state={grant.state} />
        <TwoChip grant={grant} />
        {grant.state === "approved" && <span className="meta">{t("c.left", { time: remainingWords(left, locale) })}</span>}
        {action}
      </div>
    </li>
  );
}

/** A named list of facts. */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="c-facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What anybody of compliance may know of a case before a grant. */
export function useCaseFacts(): (found: Case) => [string, ReactNode][] {
  const t = useT();
  const locale = useLocale();
  return (found) => [
    [t("c.case.number"), found.number],
    [t("c.case.patient"), found.patient],
    [t("c.case.doctor"), found.doctor ? fullName(found.doctor, locale) : t("c.case.noDoctor")],
    [t("c.case.department"), inLocale(found.department.name, locale)],
    [t("c.case.range"), <Range key="range" found={found} />],
    [t("c.case.amount"), t("c.case.counts", { messages: found.messages, recordings: found.recordings, files: found.files })],
  ];
}

function Range({ found }: { found: Case }) {
  const t = useT();
  const locale = useLocale();
  const opened = dateTime(parseTime(found.opened_at), locale);
  return <>{found.closed_at ? t("c.case.fromTo", { from: opened, to: dateTime(parseTime(found.closed_at), locale) }) : t("c.case.since", { from: opened })}</>;
}

/** `purpose` is null and `reason` empty while they are not written yet. */
type AskedTerms = Pick<Grant, "content" | "case_number" | "reason" | "hours" | "since" | "until" | "tell"> & { purpose: Grant["purpose"] | null };

/** The days of a grant in words. */
export function useDays(): (days: Pick<Grant, "since" | "until">) => string {
  const t = useT();
  return ({ since, until }) => [since && `${t("c.request.since")} ${since}`, until && `${t("c.request.until")} ${until}`].filter(Boolean).join(" ") || t("c.request.days.all");
}

/** What is asked for, as the approver reads it. */
export function useTermFacts(): (terms: AskedTerms) => [string, ReactNode][] {
  const t = useT();
  const contents = useContents();
  const days = useDays();
  return ({ content, purpose, case_number, reason, hours, since, until, tell }) => [
    [t("c.request.content"), contents(content) || t("c.request.preview.nothing")],
    [t("c.request.purpose"), purpose ? t(`c.purpose.${purpose}`) : t("c.request.preview.nothing")],
    [t("c.request.number"), case_number || t("c.none")],
    [t("c.request.reason"), <span key="reason" className="own-words">{reason || t("c.request.preview.nothing")}</span>],
    [t("c.request.hours"), t("c.hours", { hours })],
    [t("c.request.days"), days({ since, until })],
    [t("c.request.tell"), t(`c.request.tell.${tell}`, { days: TOLD_AFTER_DAYS })],
  ];
}
