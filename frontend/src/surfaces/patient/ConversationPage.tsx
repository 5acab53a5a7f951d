import { useEffect, useMemo } from "react";
import type { Conversation, ConversationState } from "@core/conversation";
import type { ConsultationDetail } from "@core/consultations";
import { minutesRange } from "@core/format";
import { inLocale } from "@core/i18n";
import type { Person } from "@core/protocol";
import { rowsOf } from "@core/rows";
import { announce } from "@ui/announce";
import { CallButton } from "@ui/calls/CallButton";
import { Composer } from "@ui/Composer";
import { useSession } from "@ui/live";
import { MessageLog } from "@ui/MessageLog";
import { fullName } from "@ui/names";
import { PatientShell } from "@ui/PatientShell";
import { useLocale } from "@ui/settings";
import { ErrorState, errorText, Loading } from "@ui/states";
import { remaining, type Remaining } from "@ui/talk/terms";
import { useMinute } from "@ui/talk/useMinute";
import { useTalkPage } from "@ui/talk/useTalkPage";
import { useConversation } from "@ui/useConversation";
import { useSeen } from "@ui/useSeen";
import { Closed } from "./Closed";
import { EndsSoon, TermsStrip } from "./TermsStrip";
import { WaitingRoom } from "./WaitingRoom";
import { useT } from "./chat/words";
import "./conversation.css";

export { talkWords as words } from "@ui/talk/words";

/** One consultation from waiting to summary: the same page, so that nothing has to be found again. */
export default function ConversationPage({ id }: { id: string }) {
  const t = useT();
  const { conversation, state } = useConversation(id);
  useSeen(conversation, state);
  const { detail } = state;
  const ready = detail !== null && !state.loading;
  useEffect(() => {
    if (ready) performance.mark("chat:ready");
  }, [ready]);
  if (!detail) {
    return (
      <PatientShell title={t("p.chat.title")} back="/messages">
        {state.error ? <ErrorState error={state.error} onRetry={() => void conversation.start()} /> : <Loading onRetry={() => void conversation.start()} />}
      </PatientShell>
    );
  }
  return <Open conversation={conversation} state={state} detail={detail} />;
}

interface OpenProps {
  conversation: Conversation;
  state: ConversationState;
  detail: ConsultationDetail;
}

function Open({ conversation, state, detail }: OpenProps) {
  const t = useT();
  const locale = useLocale();
  const { person } = useSession();
  const { assignee, department } = detail;
  const title = assignee ? fullName(assignee, locale) : inLocale(department.name, locale);
  const rows = useMemo(() => rowsOf(state.timeline, person.id), [state.timeline, person.id]);
  const people = usePeople(detail);
  const now = useMinute();
  const left = detail.state === "closed" ? null : remaining(detail.terms, now);
  const open = detail.state !== "closed" && !left?.over;
  const page = useTalkPage({ conversation, state, people, me: person.id, reader: "patient", open, testid: "p.chat" });
  const typing = state.timeline.typing.some((one) => one !== person.id);
  const mine = detail.patient.id === person.id;
  return (
    <PatientShell title={title} subtitle={<Subtitle detail={detail} mine={mine} />} action={detail.may_call && <CallButton detail={detail} testid="p.call" />} back="/messages" fill>
      {detail.state === "queued" && <WaitingRoom detail={detail} />}
      {state.error && (
        <p className="x-stale" role="status">
          {errorText(state.error)}
        </p>
      )}
      {page.ready ? (
        <MessageLog
          title={t("p.chat.log", { name: title })}
          rows={rows}
          people={people}
          reader="patient"
          talk={page.talk}
          handle={page.log}
          readUpto={page.readUpto}
          onLeave={page.leave}
          hasOlder={state.timeline.first > 1}
          loadingOlder={state.loadingOlder}
          onLoadOlder={() => void conversation.loadOlder()}
          onRetry={(client_id) => void conversation.retry(client_id)}
          onDrop={(client_id) => void conversation.drop(client_id)}
          onUndo={page.undo}
          head={state.timeline.first <= 1 && <p className="x-system">{t("p.chat.privacy")}</p>}
          foot={<Foot typing={typing} left={left} />}
          testid="p.chat.log"
        />
      ) : (
        <div className="p-chat-loading">
          <Loading />
        </div>
      )}
      {open && detail.may_send ? (
        <>
          {left && <TermsStrip left={left} />}
          <Composer
            owner={person.id}
            place={detail.id}
            label={t("p.chat.write", { name: title })}
            recipient={mine ? null : t("p.card.for", { name: detail.patient.name })}
            placeholder={t("p.chat.placeholder")}
            testid="p.chat"
            compact
            {...page.composerProps}
            onType={() => conversation.typing()}
          />
        </>
      ) : !mine ? (
        <p className="x-system">{t(open ? "p.chat.seeOnly" : "p.chat.familyClosed")}</p>
      ) : detail.kept ? (
        <p className="x-system" data-testid="p.chat.sealed">
          {t("p.chat.sealed")}
        </p>
      ) : (
        <Closed id={detail.id} over={left?.over ?? null} onReopened={() => void conversation.refresh()} />
      )}
      {page.overlay}
    </PatientShell>
  );
}

function usePeople(detail: ConsultationDetail): ReadonlyMap<string, Person> {
  return useMemo(() => {
    const all = [...detail.participants, detail.patient, ...(detail.assignee ? [detail.assignee] : [])];
    return new Map(all.map((person): [string, Person] => [person.id, person]));
  }, [detail]);
}

/** Whose it is where it is another's, department, then in words what to expect. The read state of a message never stands without it. */
function Subtitle({ detail, mine }: { detail: ConsultationDetail; mine: boolean }) {
  const t = useT();
  const locale = useLocale();
  const { patient, department, assignee, typical_reply_minutes, state } = detail;
  const parts = mine ? [] : [t("p.card.for", { name: patient.name })];
  if (assignee) parts.push(inLocale(department.name, locale));
  if (state === "closed") parts.push(t("p.state.closed"));
  else if (typical_reply_minutes) parts.push(t("p.chat.expected", { range: minutesRange(typical_reply_minutes, locale) }));
  else parts.push(t("p.state.waiting"));
  return parts.join(" · ");
}

function Foot({ typing, left }: { typing: boolean; left: Remaining | null }) {
  return (
    <>
      {left?.soon && left.until !== null && !left.over && <EndsSoon until={left.until} />}
      <Typing on={typing} />
    </>
  );
}

/** Spoken once for each turn, drawn while it lasts. */
function Typing({ on }: { on: boolean }) {
  const t = useT();
  useEffect(() => {
    if (on) announce(t("p.chat.typing"));
  }, [on, t]);
  return (
    <p className="secondary p-typing" data-testid="p.chat.typing">
      {on ? t("p.chat.typing") : ""}
    </p>
  );
}
