import { useMemo, useState } from "react";
import { CircleCheckBig, PanelRight, Undo2 } from "lucide-react";
import type { ConsultationDetail } from "@core/consultations";
import { dateTime, parseTime } from "@core/format";
import { rowsOf } from "@core/rows";
import { Button } from "@ui/Button";
import { Chip } from "@ui/Chip";
import { Composer } from "@ui/Composer";
import { useSession } from "@ui/live";
import { MessageLog } from "@ui/MessageLog";
import { useLocale } from "@ui/settings";
import { useKeys } from "@ui/staff/keys";
import { ErrorState, Loading } from "@ui/states";
import { useConversation } from "@ui/useConversation";
import { useSeen } from "@ui/useSeen";
import { useIdentity } from "../people";
import { useT } from "../words";
import { CloseDialog } from "./CloseDialog";
import { ReopenBar } from "./ReopenBar";
import { ReturnDialog } from "./ReturnDialog";
import { RiskBanner } from "./RiskBanner";

/** A doctor opens a conversation to write in it: the box takes the focus. */
const OPENED = { autoFocus: true } as const;

interface PaneProps {
  id: string;
  detail: ConsultationDetail;
  onPanel: () => void;
}

/** D-2: one conversation, live. Opening it marks it read for the doctor; that somebody must answer stays. */
export function ConversationPane({ id, detail: first, onPanel }: PaneProps) {
  const t = useT();
  const identity = useIdentity();
  const me = useSession().person.id;
  const { conversation, state } = useConversation(id);
  useSeen(conversation, state);
  const detail = state.detail ?? first;
  const { timeline } = state;
  const rows = useMemo(() => rowsOf(timeline, me), [timeline, me]);
  const people = useMemo(() => new Map(detail.participants.map((person) => [person.id, person])), [detail]);
  const who = identity(detail.patient);
  const typing = timeline.typing.includes(detail.patient.id);
  return (
    <section id="conversation" className="d-conversation" aria-labelledby="conv-h" tabIndex={-1} data-testid="d.conv">
      <Head detail={detail} onPanel={onPanel} />
      <RiskBanner flags={detail.red_flags} />
      {state.loading && <Loading />}
      {state.error && <ErrorState error={state.error} onRetry={() => void conversation.start()} />}
      {!state.loading && (
        <div className="d-log" data-region="[role=log]" tabIndex={-1}>
          <MessageLog
            title={t("d.conv.title", { who })}
            rows={rows}
            people={people}
            reader="staff"
            hasOlder={timeline.first > 1}
            loadingOlder={state.loadingOlder}
            onLoadOlder={() => void conversation.loadOlder()}
            onRetry={(item) => void conversation.retry(item)}
            onDrop={(item) => void conversation.drop(item)}
            foot={typing && <p className="d-typing" data-testid="d.conv.typing">{t("d.conv.typing", { name: detail.patient.name })}</p>}
            testid="d.timeline"
          />
        </div>
      )}
      <div data-region="textarea, button" tabIndex={-1} className="d-composer">
        {detail.state === "closed" ? (
          <ReopenBar id={id} />
        ) : (
          <Composer
            owner={me}
            place={id}
            onSend={(text) => conversation.send(text)}
            onType={() => conversation.typing()}
            recipient={t("d.conv.to", { who })}
            label={t("d.conv.write", { who })}
            placeholder={t("d.conv.placeholder")}
            testid="d.conv"
            {...OPENED}
          />
        )}
      </div>
    </section>
  );
}

/** Who this is, in what state, and the acts on the consultation itself. */
function Head({ detail, onPanel }: { detail: ConsultationDetail; onPanel: () => void }) {
  const t = useT();
  const locale = useLocale();
  const identity = useIdentity();
  const [dialog, setDialog] = useState<"close" | "return" | null>(null);
  const [written, setWritten] = useState({ summary: "", advice: "" });
  const active = detail.state === "active";
  useKeys({
    "Ctrl+Shift+KeyL": () => document.querySelector<HTMLElement>(".d-composer textarea, .d-composer button")?.focus(),
    "Alt+KeyE": () => active && setDialog("close"),
  });
  return (
    <header className="d-conv-head">
      <div className="d-conv-who">
        <h2 id="conv-h">{identity(detail.patient)}</h2>
        {active ? (
          <Chip tone={detail.needs_reply ? "warn" : "neutral"} data-testid="d.conv.state" data-needs-reply={detail.needs_reply}>
            {t(detail.needs_reply ? "d.conv.needsReply" : "d.conv.waitsPatient")}
          </Chip>
        ) : (
          <Chip data-testid="d.conv.state">{t("d.row.closed", { time: dateTime(parseTime(detail.closed_at ?? detail.last_at), locale) })}</Chip>
        )}
      </div>
      <div className="row">
        <Button size="small" icon={PanelRight} className="d-panel-toggle" onClick={onPanel} aria-keyshortcuts="Control+." data-testid="d.panel.toggle">
          {t("d.panel.show")}
        </Button>
        {active && (
          <>
            <Button size="small" icon={Undo2} onClick={() => setDialog("return")} data-testid="d.conv.return">
              {t("d.return")}
            </Button>
            <Button size="small" icon={CircleCheckBig} onClick={() => setDialog("close")} aria-keyshortcuts="Alt+E" data-testid="d.conv.close">
              {t("d.close")}
            </Button>
          </>
        )}
      </div>
      {dialog === "return" && <ReturnDialog detail={detail} onDone={() => setDialog(null)} />}
      {dialog === "close" && <CloseDialog detail={detail} written={written} onWrite={setWritten} onDone={() => setDialog(null)} />}
    </header>
  );
}
