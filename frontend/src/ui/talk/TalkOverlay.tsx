import { Suspense, useState } from "react";
import { LIMITS, type TimelineEvent } from "@core/protocol";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { TextArea } from "../fields";
import { later } from "../later";
import { ErrorState } from "../states";
import { actionsFor, type MessageAction } from "./actions";
import { Excerpt, LOOKS } from "./pieces";
import { StatusDetails } from "./StatusDetails";
import type { Act, Opened, TalkPageOptions } from "./useTalkPage";
import { useTalkWords } from "./words";

const MessageMenu = later(() => import("../staff/MessageMenu"));

interface OverlayProps extends TalkPageOptions {
  opened: Opened;
  event: TimelineEvent;
  onAct: Act;
  onClose: () => void;
}

/** What a message's button opens. Downloaded once a conversation is open. */
export default function TalkOverlay(props: OverlayProps) {
  const { opened, event, onAct, onClose, reader, me, open, onCite } = props;
  const [now] = useState(Date.now);
  const actions = actionsFor(event, { me, reader, open, citable: onCite !== undefined, now });
  if (opened.what === "details") return <StatusDetails {...props} />;
  if (opened.what === "retract") return <RetractDialog {...props} />;
  if (opened.what === "correct") return <CorrectDialog {...props} />;
  if (reader === "patient") return <ActionSheet {...props} actions={actions} />;
  return (
    <Suspense fallback={null}>
      <MessageMenu anchor={opened.target.anchor} actions={actions} onAction={(action) => onAct(action, event)} onClose={onClose} />
    </Suspense>
  );
}

/** On a phone: the words again, and one big button for each thing that can be done with them. */
function ActionSheet({ event, actions, onAct, onClose }: OverlayProps & { actions: readonly MessageAction[] }) {
  const t = useTalkWords();
  return (
    <Dialog title={t("tk.more.title")} shape="sheet" onClose={onClose} testid="x.msg.sheet">
      <Excerpt event={event} />
      <ul className="x-sheet-actions">
        {actions.map((action) => {
          const [icon, words] = LOOKS[action];
          return (
            <li key={action}>
              <Button size="main" icon={icon} onClick={() => onAct(action, event)} data-testid={`x.msg.action.${action}`}>
                {t(words)}
              </Button>
              {action === "retract" && <p className="secondary">{t("tk.retract.what")}</p>}
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}

function RetractDialog({ opened, event, onAct, onClose }: OverlayProps) {
  const t = useTalkWords();
  const [reason, setReason] = useState("");
  const foot = (
    <>
      <Button onClick={onClose}>{t("tk.keep")}</Button>
      <Button variant="danger" onClick={() => onAct("retract", event, reason.trim())} data-testid="x.msg.retract.confirm">
        {t("tk.retract")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("tk.retract.title")} onClose={onClose} actions={foot} testid="x.msg.retract">
      <Excerpt event={event} />
      <p>{t("tk.retract.what")}</p>
      <TextArea label={t("tk.retract.reason")} rows={2} value={reason} maxLength={LIMITS.reason} onChange={(change) => setReason(change.target.value)} data-testid="x.msg.retract.reason" />
      {opened.failure && <ErrorState error={opened.failure} />}
    </Dialog>
  );
}

function CorrectDialog({ opened, event, onAct, onClose }: OverlayProps) {
  const t = useTalkWords();
  const before = event.kind === "message.posted" ? event.body.text : "";
  const [text, setText] = useState(before);
  const changed = text.trim() !== "" && text.trim() !== before.trim() && text.length <= LIMITS.message;
  const foot = (
    <>
      <Button onClick={onClose}>{t("tk.keep")}</Button>
      <Button variant="primary" disabled={!changed} onClick={() => onAct("correct", event, text.trim())} data-testid="x.msg.correct.confirm">
        {t("tk.correct.send")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("tk.correct.title")} onClose={onClose} actions={foot} testid="x.msg.correct">
      <p>{t("tk.correct.what")}</p>
      <Excerpt event={event} />
      <TextArea label={t("tk.correct.text")} value={text} onChange={(change) => setText(change.target.value)} data-testid="x.msg.correct.text" />
      {opened.failure && <ErrorState error={opened.failure} />}
    </Dialog>
  );
}
