import { CalendarClock, MessagesSquare, PhoneMissed } from "lucide-react";
import type { Consultation } from "@core/consultations";
import { dateTime, elapsed, parseTime } from "@core/format";
import { Chip, CountBadge, TriageChip } from "@ui/Chip";
import { languageOf } from "@ui/names";
import { useLocale } from "@ui/settings";
import { KeptChips } from "@ui/staff/KeptChips";
import { useUi } from "@ui/words";
import { useFlagWords } from "../flags";
import { useAbout } from "../people";
import { useT } from "../words";
import { waitingSince, type GroupId } from "./groups";

export interface RowFacts {
  group: GroupId;
  draft: boolean;
  /** Somebody else took it since the list was drawn. */
  gone: boolean;
  now: number;
}

/** What a doctor needs to decide what to do next: who, how urgent, what in the patient's words, how long they wait. */
export function QueueRow({ item, group, draft, gone, now }: RowFacts & { item: Consultation }) {
  const t = useT();
  const ui = useUi();
  const about = useAbout();
  const { patient } = item;
  const flags = useFlagWords()(item.red_flags);
  const words = group === "waiting" || group === "closed" ? (item.last_line ?? item.complaint) : item.complaint;
  return (
    <>
      <span className="d-row-line">
        {flags.length > 0 && <TriageChip level="T1" />}
        <strong className="d-row-name">{patient.name}</strong>
        <span className="secondary">{about(patient)}</span>
        <span className="d-row-end">
          {item.side !== null && item.side.unread > 0 && <Chip icon={MessagesSquare}>{t("d.row.side", { count: item.side.unread })}</Chip>}
          {item.missed_call && (
            <Chip icon={PhoneMissed} tone="warn">
              {t("d.row.missedCall")}
            </Chip>
          )}
          {item.call_plan && <PlanChip plan={item.call_plan} now={now} />}
          <KeptChips kept={item.kept} />
          {draft && <Chip tone="info">{t("d.row.draft")}</Chip>}
          <CountBadge count={item.unread} label={t("d.row.unread", { count: item.unread })} />
        </span>
      </span>
      {flags.length > 0 && <span className="d-row-flags">{flags.join(ui("ui.listJoin"))}</span>}
      {!item.kept && (
        <span className="d-row-words" lang={languageOf(words)}>
          {words}
        </span>
      )}
      <span className="d-row-line meta" data-testid="d.queue.row.reason">
        {gone ? <Chip>{t("d.row.gone")}</Chip> : <Reason item={item} now={now} />}
        {group !== "closed" && item.state === "queued" && <Department item={item} />}
      </span>
    </>
  );
}

/** A call that was agreed on, or times that this doctor is to choose from. */
function PlanChip({ plan, now }: { plan: NonNullable<Consultation["call_plan"]>; now: number }) {
  const t = useT();
  const locale = useLocale();
  if (plan.at === null && plan.mine) return null;
  return (
    <Chip icon={CalendarClock} tone={plan.at === null ? "warn" : "info"} data-testid="d.row.plan">
      {plan.at === null ? t("d.row.planChoose") : t("d.row.plan", { time: dateTime(plan.at, locale, now) })}
    </Chip>
  );
}

function Department({ item }: { item: Consultation }) {
  const locale = useLocale();
  return <span>{locale === "en" ? item.department.name.en : item.department.name.zh}</span>;
}

/** Why the row stands where it stands. */
function Reason({ item, now }: { item: Consultation; now: number }) {
  const t = useT();
  const locale = useLocale();
  const since = waitingSince(item);
  if (since === null) {
    const at = parseTime(item.closed_at ?? item.last_at);
    return <time dateTime={item.last_at}>{t(item.state === "closed" ? "d.row.closed" : "d.row.answered", { time: dateTime(at, locale, now) })}</time>;
  }
  return (
    <span className="d-row-wait" title={dateTime(since, locale, now)}>
      {t("d.row.waits", { time: elapsed(since, locale, now) })}
    </span>
  );
}
