import { useState } from "react";
import { CircleDot, CircleStop } from "lucide-react";
import type { CallState } from "@core/calls/current";
import { Button } from "../Button";
import { usePeer } from "../calls/usePeer";
import { Dialog } from "../Dialog";
import { useSession } from "../live";
import { useConsent } from "./consent";
import { Terms } from "./Terms";
import { useCaptureWords } from "./words";
import "./capture.css";

export { captureWords as words } from "./words";

/** Asks for a recording, says that an answer is waited for, stops it. */
export default function Control({ call }: { call: CallState }) {
  const t = useCaptureWords();
  const [open, setOpen] = useState(false);
  const state = call.recording?.state;
  const close = () => setOpen(false);
  if (state === "asked") {
    return (
      <Button icon={CircleDot} aria-disabled data-testid="k.rec.waiting">
        {t("cp.record.waiting")}
      </Button>
    );
  }
  const on = state === "on";
  return (
    <>
      <Button icon={on ? CircleStop : CircleDot} aria-haspopup="dialog" onClick={() => setOpen(true)} data-testid={on ? "k.rec.stop" : "k.rec.ask"}>
        {t(on ? "cp.stop" : "cp.record")}
      </Button>
      {open && (on ? <StopSheet call={call} onClose={close} /> : <AskSheet call={call} onClose={close} />)}
    </>
  );
}

interface SheetProps {
  call: CallState;
  onClose: () => void;
}

function AskSheet({ call, onClose }: SheetProps) {
  const t = useCaptureWords();
  const { name } = usePeer();
  const patient = useSession().surface === "patient";
  const { ask } = useConsent(call);
  const act = () => {
    ask();
    onClose();
  };
  const actions = (
    <Button variant="primary" size="main" onClick={act} data-testid="k.rec.ask.do">
      {t("cp.ask.do")}
    </Button>
  );
  return (
    <Dialog title={t("cp.ask.title", { name })} onClose={onClose} shape={patient ? "sheet" : "dialog"} actions={actions} testid="k.rec.ask.sheet">
      <p>{t("cp.sheet.ask", { name })}</p>
      <Terms />
    </Dialog>
  );
}

function StopSheet({ call, onClose }: SheetProps) {
  const t = useCaptureWords();
  const patient = useSession().surface === "patient";
  const { stop, answer } = useConsent(call);
  const then = (act: () => void) => () => {
    act();
    onClose();
  };
  return (
    <Dialog title={t("cp.stop.title")} onClose={onClose} shape={patient ? "sheet" : "dialog"} testid="k.rec.stop.sheet">
      <div className="cp-choices">
        <Button variant="primary" size="main" onClick={then(stop)} data-testid="k.rec.stop.keep">
          {t("cp.stop.keep")}
        </Button>
        <Button size="main" onClick={then(() => answer(false))} data-testid="k.rec.stop.withdraw">
          {t("cp.stop.withdraw")}
        </Button>
        <p className="secondary">{t("cp.stop.withdraw.hint")}</p>
      </div>
    </Dialog>
  );
}
