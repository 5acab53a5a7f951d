import { ClipboardList, FileText } from "lucide-react";
import { dateTime } from "@core/format";
import type { EventWith, Person, TimelineEvent } from "@core/protocol";
import { durationId, fullName, languageOf, redFlagId } from "./names";
import { useLocale } from "./settings";
import { useUi } from "./words";
import "./message.css";

/** Everything on a timeline that is not somebody's message. `nameOf` finds the person of an event. */
export function EventLine({ event, author }: { event: TimelineEvent; author: Person | null }) {
  switch (event.kind) {
    case "consultation.opened":
      return <IntakeCard event={event} />;
    case "consultation.closed":
      return <SummaryCard event={event} author={author} />;
    case "consultation.claimed":
    case "consultation.returned":
    case "consultation.reopened":
      return <SystemLine event={event} author={author} />;
    default:
      return null;
  }
}

function SystemLine({ event, author }: { event: TimelineEvent; author: Person | null }) {
  const t = useUi();
  const locale = useLocale();
  const name = author ? fullName(author, locale) : t("ui.someone");
  const words = { "consultation.claimed": "ui.event.claimed", "consultation.returned": "ui.event.returned", "consultation.reopened": "ui.event.reopened" } as const;
  const id = event.kind in words ? words[event.kind as keyof typeof words] : null;
  if (!id) return null;
  return (
    <div className="x-system" data-kind={event.kind} data-testid="x.event" title={dateTime(event.at, locale)}>
      <p>{t(id, { name })}</p>
      {event.kind === "consultation.reopened" && (
        <p className="own-words" lang={languageOf(event.body.reason)}>
          {event.body.reason}
        </p>
      )}
    </div>
  );
}

function IntakeCard({ event }: { event: EventWith<"consultation.opened"> }) {
  const t = useUi();
  const { complaint, duration, red_flags } = event.body;
  return (
    <article className="x-message-card" data-kind="intake" data-testid="x.card.intake">
      <h4>
        <ClipboardList size={20} aria-hidden />
        {t("ui.card.intake")}
      </h4>
      <dl>
        <div>
          <dt>{t("ui.card.complaint")}</dt>
          <dd className="own-words" lang={languageOf(complaint)}>
            {complaint}
          </dd>
        </div>
        <div>
          <dt>{t("ui.card.duration")}</dt>
          <dd>{t(durationId(duration))}</dd>
        </div>
        <div>
          <dt>{t("ui.card.redFlags")}</dt>
          <dd>{red_flags.length ? red_flags.map((flag) => t(redFlagId(flag))).join(t("ui.listJoin")) : t("ui.card.noRedFlags")}</dd>
        </div>
      </dl>
    </article>
  );
}

export function SummaryCard({ event, author }: { event: EventWith<"consultation.closed">; author: Person | null }) {
  const t = useUi();
  const locale = useLocale();
  const { summary, advice } = event.body;
  return (
    <article className="x-message-card" data-kind="summary" data-testid="x.card.summary">
      <h4>
        <FileText size={20} aria-hidden />
        {t("ui.card.summary")}
      </h4>
      <p className="own-words" lang={languageOf(summary)}>
        {summary}
      </p>
      {advice && (
        <dl>
          <div>
            <dt>{t("ui.card.advice")}</dt>
            <dd className="own-words" lang={languageOf(advice)}>
              {advice}
            </dd>
          </div>
        </dl>
      )}
      <p className="meta">
        {author ? `${fullName(author, locale)} · ` : ""}
        {dateTime(event.at, locale)}
      </p>
    </article>
  );
}
