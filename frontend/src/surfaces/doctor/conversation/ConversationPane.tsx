import { useEffect, useMemo, type Ref } from "react";
import type { ConsultationDetail } from "@core/consultations";
import { rowsOf } from "@core/rows";
import { Composer, type ComposerHandle } from "@ui/Composer";
import { useSession } from "@ui/live";
import { MessageLog } from "@ui/MessageLog";
import { ErrorState, Loading } from "@ui/states";
import { useTalkPage } from "@ui/talk/useTalkPage";
import { useConversation } from "@ui/useConversation";
import { useSeen } from "@ui/useSeen";
import { useIdentity } from "../people";
import { useT } from "../words";
import { Head } from "./Head";
import { ReopenBar } from "./ReopenBar";
import { RiskBanner } from "./RiskBanner";
import { ScheduledList } from "./ScheduledList";
import { SendLater } from "./SendLater";
import "./conversation.css";

/** A doctor opens a conversation to write in it: the box takes the focus. */
const OPENED = { autoFocus: true } as const;

interface PaneProps {
  id: string;
  /** The same that the queue's bell asks for again: the two never tell different things. */
  detail: ConsultationDetail;
  onPanel: () => void;
  /** The reply box, for words that come from elsewhere (a colleague's opinion). */
  replyBox: Ref<ComposerHandle>;
}

/** D-2: one conversation, live. Opening it marks it read for the doctor; that somebody must answer stays. */
export function ConversationPane({ id, detail, onPanel, replyBox }: PaneProps) {
  const t = useT();
  const identity = useIdentity();
  const me = useSession().person.id;
  const { conversation, state } = useConversation(id);
  useSeen(conversation, state);
  const patient = detail.patient.id;
  const { timeline } = state;
  const rows = useMemo(() => rowsOf(timeline, me, (person) => person === patient), [timeline, me, patient]);
  const people = useMemo(() => new Map([...detail.participants, detail.patient].map((person) => [person.id, person])), [detail]);
  const open = detail.state === "active";
  const page = useTalkPage({ conversation, state, people, me, reader: "staff", open, testid: "d.conv" });
  useEffect(() => assign(replyBox, page.composer.current));
  const who = identity(detail.patient);
  const typing = timeline.typing.includes(patient);
  return (
    <section id="conversation" className="d-conversation" aria-labelledby="conv-h" tabIndex={-1} data-testid="d.conv">
      <Head detail={detail} onPanel={onPanel} />
      <RiskBanner flags={detail.red_flags} />
      {(state.loading || !page.ready) && !state.error && <Loading />}
      {state.error && <ErrorState error={state.error} onRetry={() => void conversation.start()} />}
      {!state.loading && page.ready && (
        <div className="d-log" data-region="[role=log]" tabIndex={-1}>
          <MessageLog
            title={t("d.conv.title", { who })}
            rows={rows}
            people={people}
            reader="staff"
            talk={page.talk}
            handle={page.log}
            readUpto={page.readUpto}
            onLeave={page.leave}
            hasOlder={timeline.first > 1}
            loadingOlder={state.loadingOlder}
            onLoadOlder={() => void conversation.loadOlder()}
            onRetry={(item) => void conversation.retry(item)}
            onDrop={(item) => void conversation.drop(item)}
            onUndo={page.undo}
            foot={typing && <p className="d-typing" data-testid="d.conv.typing">{t("d.conv.typing", { name: detail.patient.name })}</p>}
            testid="d.timeline"
          />
        </div>
      )}
      <div data-region="textarea, button" tabIndex={-1} className="d-composer">
        <ScheduledList consultation={id} />
        {open ? (
          <Composer
            owner={me}
            place={id}
            {...page.composerProps}
            onType={() => conversation.typing()}
            recipient={t("d.conv.to", { who })}
            label={t("d.conv.write", { who })}
            placeholder={t("d.conv.placeholder")}
            testid="d.conv"
            split={<SendLater consultation={id} who={who} composer={page.composer} />}
            {...OPENED}
          />
        ) : (
          <ReopenBar id={id} />
        )}
      </div>
      {page.overlay}
    </section>
  );
}

function assign<T>(ref: Ref<T>, value: T | null): void {
  if (typeof ref === "function") ref(value);
  else if (ref) ref.current = value;
}
