import { useState } from "react";
import { codedFrom } from "@core/errors";
import { clientIds } from "@core/ids";
import { LIMITS, type CodedError } from "@core/protocol";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { TextArea } from "@ui/fields";
import { useLive } from "@ui/live";
import { EmergencyButton } from "@ui/PatientShell";
import { ErrorState } from "@ui/states";
import type { Remaining } from "@ui/talk/terms";
import { useTalkWords } from "@ui/talk/words";
import { ButtonLink } from "./ButtonLink";
import { useT } from "./chat/words";

interface ClosedProps {
  id: string;
  /** Which service term is over; null when the doctor has closed the consultation. */
  over: Remaining["over"];
  onReopened: () => void;
}

/** A finished consultation is never a dead end: go on with it, begin another, or get help at once. */
export function Closed({ id, over, onReopened }: ClosedProps) {
  const t = useT();
  const words = useTalkWords();
  const [asking, setAsking] = useState(false);
  return (
    <section className="p-closed" aria-label={over ? words("tk.over.title") : t("p.closed.title")} data-over={over} data-testid="p.chat.closed">
      <p>{over ? words(`tk.over.${over}`) : t("p.closed.text")}</p>
      <div className="row">
        <Button variant="primary" onClick={() => setAsking(true)} aria-haspopup="dialog" data-testid="p.chat.reopen">
          {t("p.closed.reopen")}
        </Button>
        <ButtonLink href="/ask">{t("p.closed.new")}</ButtonLink>
        {over && <EmergencyButton />}
      </div>
      {asking && <ReopenDialog id={id} onDone={onReopened} onClose={() => setAsking(false)} />}
    </section>
  );
}

function ReopenDialog({ id, onDone, onClose }: { id: string; onDone: () => void; onClose: () => void }) {
  const t = useT();
  const { socket } = useLive();
  const [reason, setReason] = useState("");
  const [idOf] = useState(clientIds);
  const [tried, setTried] = useState(false);
  const long = reason.length > LIMITS.reason;
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<CodedError | null>(null);
  const submit = async () => {
    setTried(true);
    if (!reason.trim() || long) return;
    setPending(true);
    try {
      await socket.request({ type: "consultation.reopen", consultation: id, client_id: idOf(reason.trim()), reason: reason.trim() });
      onDone();
      onClose();
    } catch (error) {
      setFailure(codedFrom(error));
      setPending(false);
    }
  };
  const problem = long ? t("p.closed.reason.long") : tried && !reason.trim() ? t("p.closed.reason.missing") : null;
  return (
    <Dialog
      title={t("p.closed.reopen")}
      shape="sheet"
      onClose={onClose}
      actions={
        <Button variant="primary" pending={pending} onClick={() => void submit()} data-testid="p.chat.reopen.confirm">
          {t("p.closed.reopen")}
        </Button>
      }
    >
      {failure && <ErrorState error={failure} />}
      <TextArea label={t("p.closed.reason")} error={problem} value={reason} onChange={(event) => setReason(event.target.value)} data-testid="p.chat.reopen.reason" />
    </Dialog>
  );
}
