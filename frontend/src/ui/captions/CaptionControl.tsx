import { useState } from "react";
import { Captions, CaptionsOff } from "lucide-react";
import type { CallState } from "@core/calls/current";
import { Button } from "../Button";
import { usePeer } from "../calls/usePeer";
import { Dialog } from "../Dialog";
import { useSession } from "../live";
import { useKeys } from "../staff/keys";
import { Terms } from "./Terms";
import { statesOf, useCaptionConsent } from "./useConsent";
import { useCaptionWords } from "./words";
import "./captions.css";

export { captionWords as words } from "./words";

/** Asks for captions; while there are some, turns off one's own, or all. */
export default function CaptionControl({ call }: { call: CallState }) {
  const t = useCaptionWords();
  const [sheet, setSheet] = useState<"ask" | "stop" | null>(null);
  const on = call.captions !== null;
  const open = () => setSheet((now) => now ?? (on ? "stop" : "ask"));
  const close = () => setSheet(null);
  useKeys({ "Alt+KeyK": open });
  return (
    <>
      <Button icon={on ? CaptionsOff : Captions} aria-haspopup="dialog" aria-keyshortcuts="Alt+K" onClick={open} data-testid={on ? "k.captions.stop" : "k.captions.ask"}>
        {t(on ? "cs.off" : "cs.captions")}
      </Button>
      {sheet === "ask" && <AskSheet call={call} onClose={close} />}
      {sheet === "stop" && <StopSheet call={call} onClose={close} />}
    </>
  );
}

interface SheetProps {
  call: CallState;
  onClose: () => void;
}

function AskSheet({ call, onClose }: SheetProps) {
  const t = useCaptionWords();
  const { name } = usePeer();
  const patient = useSession().surface === "patient";
  const { ask } = useCaptionConsent(call);
  const act = () => {
    ask();
    onClose();
  };
  const actions = (
    <Button variant="primary" size="main" onClick={act} data-testid="k.captions.ask.do">
      {t("cs.ask.do")}
    </Button>
  );
  return (
    <Dialog title={t("cs.ask.title")} onClose={onClose} shape={patient ? "sheet" : "dialog"} actions={actions} testid="k.captions.ask.sheet">
      <p>{t("cs.ask.who", { name })}</p>
      <Terms />
    </Dialog>
  );
}

function StopSheet({ call, onClose }: SheetProps) {
  const t = useCaptionWords();
  const { id } = useSession().person;
  const patient = useSession().surface === "patient";
  const { stop, answer } = useCaptionConsent(call);
  const { mine } = statesOf(call, id);
  const then = (act: () => void) => () => {
    act();
    onClose();
  };
  return (
    <Dialog title={t("cs.stop.title")} onClose={onClose} shape={patient ? "sheet" : "dialog"} testid="k.captions.stop.sheet">
      <div className="cs-choices">
        <Button variant="primary" size="main" onClick={then(stop)} data-testid="k.captions.stop.all">
          {t("cs.stop.all")}
        </Button>
        <Button size="main" onClick={then(() => answer(mine !== "on"))} data-testid="k.captions.stop.mine">
          {t(mine === "on" ? "cs.stop.mine" : "cs.start.mine")}
        </Button>
      </div>
    </Dialog>
  );
}
