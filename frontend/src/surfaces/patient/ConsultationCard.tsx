import { Link } from "@ui/router";
import type { Consultation } from "@core/consultations";
import { ago, dateTime, minutesRange, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { CountBadge } from "@ui/Chip";
import { useSession } from "@ui/live";
import { fullName, languageOf } from "@ui/names";
import { useLocale } from "@ui/settings";
import { useT } from "./words";

/** One consultation in a list: who, the last line, and in words what happens next. */
export function ConsultationCard({ consultation }: { consultation: Consultation }) {
  const t = useT();
  const locale = useLocale();
  const me = useSession().person.id;
  const { id, patient, assignee, department, complaint, last_line, last_at, unread, state } = consultation;
  const at = parseTime(last_at);
  const line = last_line ?? complaint;
  return (
    <Link href={`/consultations/${id}`} className="p-card" data-testid="p.consultation" data-state={state} data-unread={unread}>
      <span className="p-card-head">
        <strong>{assignee ? fullName(assignee, locale) : inLocale(department.name, locale)}</strong>
        <CountBadge count={unread} label={t("p.unread", { count: unread })} />
        <time className="meta" dateTime={last_at} title={dateTime(at, locale)}>
          {ago(at, locale)}
        </time>
      </span>
      {patient.id !== me && <span className="secondary">{t("p.card.for", { name: patient.name })}</span>}
      <span className="p-card-line" lang={languageOf(line)}>
        {line}
      </span>
      <span className="secondary p-card-state" data-missed={consultation.missed_call}>
        {useStateSentence(consultation)}
      </span>
    </Link>
  );
}

/** What the patient may expect now. Times are never a promise: half within, most within. */
export function useStateSentence(consultation: Consultation): string {
  const t = useT();
  const locale = useLocale();
  const { state, kept, call_plan, unread, needs_reply, position, typical_reply_minutes } = consultation;
  if (kept === "sealed") return t("p.state.sealed");
  if (state === "closed") return t("p.state.closed");
  if (consultation.missed_call) return t("p.state.missedCall");
  if (call_plan && call_plan.at !== null) return t("p.state.callAt", { time: dateTime(call_plan.at, locale) });
  if (call_plan && !call_plan.mine) return t("p.state.chooseTime");
  if (unread > 0) return t("p.state.unread", { count: unread });
  if (state === "queued") return position === null ? t("p.state.queued") : t("p.state.position", { count: position });
  if (!needs_reply) return t("p.state.yours");
  return typical_reply_minutes ? t("p.state.expected", { range: minutesRange(typical_reply_minutes, locale) }) : t("p.state.waiting");
}
