import { Suspense } from "react";
import { ClipboardList, FileText } from "lucide-react";
import { dateTime, spokenLength } from "@core/format";
import type { EventWith, Person, TimelineEvent } from "@core/protocol";
import { later } from "./later";
import { useTalk } from "./talk/context";
import { CallCard, callId } from "./talk/CallCard";
import { durationId, fullName, languageOf, redFlagId } from "./names";
import { useLocale } from "./settings";
import { useTalkWords } from "./talk/words";
import "./message.css";

const PlanCard = later(() => import("./calls/PlanCard"));
const CaptureCard = later(() => import("./capture/CaptureCard"));

interface EventLineProps {
  event: TimelineEvent;
  author: Person | null;
  /** Whom else an event names. */
  people?: ReadonlyMap<string, Person>;
  /** Of the end of a call: how it began, where that is known. */
  invited?: EventWith<"call.invited"> | undefined;
  /** Goes to the message that an event is about. */
  onJump?: ((seq: number) => void) | undefined;
}

/** Everything on a timeline that is not somebody's message. */
export function EventLine(props: EventLineProps) {
  const { event, author } = props;
  switch (event.kind) {
    case "consultation.opened":
      return <IntakeCard event={event} />;
    case "consultation.closed":
      return <SummaryCard event={event} author={author} />;
    case "call.ended":
      return <CallCard event={event} invited={props.invited} people={props.people} />;
    case "call.proposed":
      return <Planned event={event} author={author} />;
    case "recording.stopped":
      return (
        <>
          <SystemLine {...props} />
          <Recorded event={event} />
        </>
      );
    default:
      return <SystemLine {...props} />;
  }
}

/** Times for a call, and what holds of them now. */
function Planned({ event, author }: { event: EventWith<"call.proposed">; author: Person | null }) {
  const t = useTalkWords();
  const locale = useLocale();
  const thread = useTalk()?.thread;
  return thread && (
    <Suspense>
      <PlanCard thread={thread} event={event} name={author ? fullName(author, locale) : t("ui.someone")} />
    </Suspense>
  );
}

/** What became of a recording, where it stopped. */
function Recorded({ event }: { event: EventWith<"recording.stopped"> }) {
  const thread = useTalk()?.thread;
  return thread && (
    <Suspense>
      <CaptureCard consultation={thread} call={event.body.call} at={event.at} />
    </Suspense>
  );
}

/** What happened, in one line in the middle; with somebody's own words under it, or a way to what it is about. */
function SystemLine(props: EventLineProps) {
  const locale = useLocale();
  const { event, onJump } = props;
  const t = useTalkWords();
  const words = useHappened()(props);
  if (!words) return null;
  const corrected = event.kind === "message.corrected" ? event.body.of : null;
  return (
    <div className="x-system" data-kind={event.kind} data-testid="x.event" title={dateTime(event.at, locale)}>
      <p>{words}</p>
      {event.kind === "consultation.reopened" && (
        <p className="own-words" lang={languageOf(event.body.reason)}>
          {event.body.reason}
        </p>
      )}
      {corrected !== null && onJump && (
        <button type="button" className="x-link" tabIndex={-1} onClick={() => onJump(corrected)} data-testid="x.event.jump">
          {t("tk.corrected.show")}
        </button>
      )}
    </div>
  );
}

/** What an event says in one line; empty for what is not drawn. */
function useHappened(): (props: EventLineProps) => string {
  const t = useTalkWords();
  const locale = useLocale();
  return ({ event, author, people }) => {
    const name = author ? fullName(author, locale) : t("ui.someone");
    switch (event.kind) {
      case "consultation.claimed":
        return t("tk.event.claimed", { name });
      case "consultation.returned":
        return t("tk.event.returned", { name });
      case "consultation.reopened":
        return t("tk.event.reopened", { name });
      case "consultation.extended":
        return t("tk.event.extended", { name, rounds: event.body.rounds, hours: event.body.hours });
      case "message.corrected":
        return t("tk.event.corrected", { name });
      case "side.opened":
        return t("tk.event.side", { name });
      case "side.joined": {
        const guest = people?.get(event.body.person);
        return t("tk.event.joined", { name, guest: guest ? fullName(guest, locale) : t("tk.event.guest") });
      }
      case "call.invited":
        return t("tk.call.invited", { name, what: t(callId(event.body.media)) });
      case "call.judged":
        return t(`tk.call.judged.${event.body.heard}`, { name });
      case "call.photo_asked":
        return event.body.what ? t("tk.call.photo", { name, what: event.body.what }) : t("tk.call.photoAny", { name });
      case "call.agreed":
        return t("tk.call.agreed", { name, time: dateTime(event.body.at, locale), what: t(callId(event.body.media)) });
      case "call.unplanned":
        return event.body.reason === "taken_back" ? t("tk.call.unplanned", { name }) : "";
      case "call.due":
        return t("tk.call.due", { time: dateTime(event.body.at, locale) });
      case "room.opened":
        return t("tk.event.room.opened", { name });
      case "room.invited": {
        const guest = people?.get(event.body.person);
        return t("tk.event.room.invited", { name, guest: guest ? fullName(guest, locale) : t("tk.event.guest") });
      }
      case "room.joined":
        return t("tk.event.room.joined", { name });
      case "room.closed":
        return t("tk.event.room.closed", { length: spokenLength(event.body.duration_s, locale) });
      case "recording.asked":
        return t("tk.rec.asked", { name });
      case "recording.answered":
        return t(event.body.granted ? "tk.rec.granted" : "tk.rec.refused", { name });
      case "recording.started":
        return t("tk.rec.started");
      case "recording.stopped":
        return t("tk.rec.stopped");
      case "recording.silent": {
        const lost = people?.get(event.body.person);
        return t("tk.rec.silent", { name: lost ? fullName(lost, locale) : t("ui.someone") });
      }
      default:
        return "";
    }
  };
}

function IntakeCard({ event }: { event: EventWith<"consultation.opened"> }) {
  const t = useTalkWords();
  const { complaint, duration, red_flags } = event.body;
  return (
    <article className="x-message-card" data-kind="intake" data-seq={event.seq} data-testid="x.card.intake">
      <h4>
        <ClipboardList size={20} aria-hidden />
        {t("tk.card.intake")}
      </h4>
      <dl>
        <div>
          <dt>{t("tk.card.complaint")}</dt>
          <dd className="own-words" lang={languageOf(complaint)}>
            {complaint}
          </dd>
        </div>
        <div>
          <dt>{t("tk.card.duration")}</dt>
          <dd>{t(durationId(duration))}</dd>
        </div>
        <div>
          <dt>{t("tk.card.redFlags")}</dt>
          <dd>{red_flags.length ? red_flags.map((flag) => t(redFlagId(flag))).join(t("ui.listJoin")) : t("tk.card.noRedFlags")}</dd>
        </div>
      </dl>
    </article>
  );
}

export function SummaryCard({ event, author }: { event: EventWith<"consultation.closed">; author: Person | null }) {
  const t = useTalkWords();
  const locale = useLocale();
  const { summary, advice } = event.body;
  return (
    <article className="x-message-card" data-kind="summary" data-seq={event.seq} data-testid="x.card.summary">
      <h4>
        <FileText size={20} aria-hidden />
        {t("tk.card.summary")}
      </h4>
      <p className="own-words" lang={languageOf(summary)}>
        {summary}
      </p>
      {advice && (
        <dl>
          <div>
            <dt>{t("tk.card.advice")}</dt>
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
