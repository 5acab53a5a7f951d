import { useEffect, useRef } from "react";
import type { CallState } from "@core/calls/current";
import { toast } from "../announce";
import { Button } from "../Button";
import { usePeer } from "../calls/usePeer";
import { Dialog } from "../Dialog";
import { useSession } from "../live";
import { Terms } from "./Terms";
import { statesOf, useCaptionConsent } from "./useConsent";
import { useCaptionWords } from "./words";
import "./captions.css";

export { captionWords as words } from "./words";

/** The question to whoever has not answered it; and that captions were turned off, in words. */
export default function CaptionQuestion({ call }: { call: CallState }) {
  const t = useCaptionWords();
  const { id } = useSession().person;
  const on = call.captions !== null;
  const before = useRef(on);
  useEffect(() => {
    if (before.current && !on && call.stage !== "ended") toast(t("cs.stopped"));
    before.current = on;
  }, [on, call.stage, t]);
  return statesOf(call, id).mine === "asked" ? <Question call={call} /> : null;
}

/** Both answers look alike. To close it is no answer that could be taken for a yes. */
function Question({ call }: { call: CallState }) {
  const t = useCaptionWords();
  const { name } = usePeer();
  const patient = useSession().surface === "patient";
  const { answer } = useCaptionConsent(call);
  const actions = (
    <>
      <Button size="main" onClick={() => answer(false)} data-testid="k.captions.no">
        {t("cs.no")}
      </Button>
      <Button size="main" onClick={() => answer(true)} data-testid="k.captions.yes">
        {t("cs.yes")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("cs.question.title", { name })} onClose={() => answer(false)} shape={patient ? "sheet" : "dialog"} actions={actions} testid="k.captions.sheet">
      <p>
        <strong>{t("cs.question.choice")}</strong>
      </p>
      <Terms />
    </Dialog>
  );
}
