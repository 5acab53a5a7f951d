import { useEffect, useEffectEvent, useMemo, useRef, useSyncExternalStore } from "react";
import { CloudUpload } from "lucide-react";
import { currentCall } from "@core/calls/current";
import { CallCapture, type CaptureProblem } from "@core/capture/callCapture";
import { Uploads, type Unsent } from "@core/capture/uploads";
import { announce, toast } from "../announce";
import { useCall } from "../calls/useCall";
import { useSession } from "../live";
import { errorText } from "../states";
import { useLeaveGuard } from "../useLeaveGuard";
import { useRoom } from "../useRoom";
import { useCaptureWords } from "./words";
import "./capture.css";

export { captureWords as words } from "./words";

/** While a call runs, a second or two are always on their way; they are nobody's business. */
const ALWAYS_SECONDS = 10;

/** Records this device's side of a call that everybody lets record, and sends what there is, also of pages that were closed. */
export default function Capturing() {
  const me = useSession().person.id;
  const t = useCaptureWords();
  const uploads = useMemo(() => new Uploads(me), [me]);
  const tell = useEffectEvent((problem: CaptureProblem) => {
    toast(problem === "unsupported" ? t("cp.problem.unsupported") : t("cp.problem", { why: errorText(problem) }), { tone: "danger" });
  });
  useEffect(() => {
    const capture = new CallCapture(uploads, (problem) => tell(problem));
    uploads.start();
    capture.start(currentCall());
    return () => {
      capture.stop();
      uploads.stop();
    };
  }, [uploads]);
  const unsent = useSyncExternalStore(uploads.subscribe, uploads.unsent);
  // What is nowhere but in this page would go with it.
  useLeaveGuard(unsent.state === "unkept");
  return <Strip unsent={unsent} />;
}

/** How much is still to be sent, when that is more than what is always on its way. */
function Strip({ unsent: { seconds, state, whole } }: { unsent: Unsent }) {
  const t = useCaptureWords();
  const call = useCall();
  const on = call?.recording?.state === "on" && call.stage !== "ended";
  const shown = state !== "done" && Math.ceil(seconds) > 0 && (!on || state === "unkept" || seconds >= ALWAYS_SECONDS);
  const before = useRef(false);
  const sent = useEffectEvent(() => whole && toast(t("cp.sent")));
  // Said when it begins and when it turns, not every second.
  const turned = useEffectEvent(() => state !== "done" && announce(t(`cp.${state}`, { seconds: Math.ceil(seconds) })));
  useEffect(() => {
    if (shown) turned();
    if (before.current && state === "done") sent();
    before.current = shown || (before.current && state !== "done");
  }, [shown, state]);
  const strip = useRef<HTMLElement>(null);
  useRoom("--cp-strip", strip, shown);
  if (!shown) return null;
  return (
    <section ref={strip} className="cp-strip" aria-label={t("cp.strip")} data-state={state} data-testid="k.rec.unsent">
      <CloudUpload size={20} aria-hidden />
      <p>{t(`cp.${state}`, { seconds: Math.ceil(seconds) })}</p>
    </section>
  );
}
