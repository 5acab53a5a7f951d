import { useEffect, useEffectEvent, useRef } from "react";
import type { CallState } from "@core/calls/current";
import { announce, toast } from "../announce";
import { ConsentQuestion } from "../calls/ConsentQuestion";
import { usePeer } from "../calls/usePeer";
import { useSession } from "../live";
import { answerOf, useConsent } from "./consent";
import { Terms } from "./Terms";
import { useCaptureWords } from "./words";
import "./capture.css";

export { captureWords as words } from "./words";

/** The question to whoever has not answered it, and in words what became of it. */
export default function Sheet({ call }: { call: CallState }) {
  const me = useSession().person.id;
  useTold(call, me);
  const { recording } = call;
  if (recording?.state !== "asked" || recording.asked_by === me || answerOf(call, me) !== null) return null;
  return <Question call={call} />;
}

function Question({ call }: { call: CallState }) {
  const t = useCaptureWords();
  const { name } = usePeer();
  const { answer } = useConsent(call);
  return (
    <ConsentQuestion title={t("cp.sheet.title", { name })} yes={t("cp.yes")} no={t("cp.no")} answer={answer} testid="k.rec">
      <p>
        <strong>{t("cp.sheet.choice")}</strong>
      </p>
      <Terms />
    </ConsentQuestion>
  );
}

/** Each turn of it is said once, to both. */
function useTold(call: CallState, me: string): void {
  const t = useCaptureWords();
  const { name } = usePeer();
  const { recording } = call;
  const turn = recording ? `${recording.generation}/${recording.state}` : "";
  const tell = useEffectEvent(() => {
    if (!recording) return;
    const mine = answerOf(call, me) === false;
    if (recording.state === "asked" && recording.asked_by === me) announce(t("cp.asked", { name }));
    else if (recording.state === "on" && recording.asked_by === me) toast(t("cp.granted", { name }));
    else if (recording.state === "refused") toast(mine ? t("cp.refused.mine") : t("cp.refused", { name }));
    else if (recording.state === "stopped" || recording.state === "withdrawn") toast(t(`cp.${recording.state}`));
  });
  const before = useRef(turn);
  useEffect(() => {
    if (before.current === turn || !turn) return;
    before.current = turn;
    tell();
  }, [turn]);
}
