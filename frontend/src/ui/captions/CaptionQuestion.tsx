import { useEffect, useRef } from "react";
import type { CallState } from "@core/calls/current";
import { toast } from "../announce";
import { ConsentQuestion } from "../calls/ConsentQuestion";
import { usePeer } from "../calls/usePeer";
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

function Question({ call }: { call: CallState }) {
  const t = useCaptionWords();
  const { name } = usePeer();
  const { answer } = useCaptionConsent(call);
  return (
    <ConsentQuestion title={t("cs.question.title", { name })} yes={t("cs.yes")} no={t("cs.no")} answer={answer} testid="k.captions">
      <p>
        <strong>{t("cs.question.choice")}</strong>
      </p>
      <Terms />
    </ConsentQuestion>
  );
}
