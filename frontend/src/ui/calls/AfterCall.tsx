import { useState } from "react";
import { CalendarClock, MessageSquareText, Phone, Video } from "lucide-react";
import { askForCall, askForTime } from "@core/calls/current";
import { spokenLength } from "@core/format";
import { newClientId } from "@core/ids";
import { settings } from "@core/settings";
import { toast } from "../announce";
import { Button } from "../Button";
import { copy } from "../copy";
import { Dialog } from "../Dialog";
import { useLive } from "../live";
import { go } from "../router";
import { useLocale } from "../settings";
import { errorText } from "../states";
import AlertOffer from "./AlertOffer";
import type { CallProps } from "./CallCentre";
import { HeardQuestion } from "./HeardQuestion";
import { notReached, sameEnd } from "./endings";
import { PhoneInstead } from "./PhoneInstead";
import { useMarks } from "./marks";
import { usePage, usePeer } from "./usePeer";
import { useCallWords } from "./words";
import { toastError } from "../toastError";

/** How it ended, how long it was, and what one may want next. */
export function AfterCall({ calls, call }: CallProps) {
  const t = useCallWords();
  const locale = useLocale();
  const { session } = useLive();
  const { name } = usePeer();
  const staff = session.surface !== "patient";
  const end = sameEnd(call.ended);
  const again = notReached(call) || end === "lost" || end === "failed";
  const page = usePage(call.consultation);
  const back = () => {
    calls.close();
    if (window.location.pathname !== page) go(page);
  };
  const plan = () => {
    back();
    askForTime(call.consultation);
  };
  const redial = () => {
    calls.close();
    askForCall(call.consultation, call.media);
  };
  const length = call.ended?.duration_s ?? null;
  return (
    <Dialog title={call.error ? t("ca.end.failed", { name }) : t(`ca.end.${end}`, { name })} onClose={back} shape={staff ? "dialog" : "sheet"} testid="k.after">
      {length !== null && <p data-testid="k.after.length">{t("ca.end.length", { length: spokenLength(length, locale) })}</p>}
      {call.error && <p role="alert">{errorText(call.error)}</p>}
      {call.call !== null && call.at !== null && <HeardQuestion call={call.call} video={call.media.includes("video")} measured={calls.measured} />}
      {call.error === null && call.at !== null && !staff && <p className="secondary">{t("ca.end.chat")}</p>}
      {staff && <MarksLeft call={call.call} />}
      <AlertOffer />
      <div className="k-after-acts">
        {staff && notReached(call) && <WriteInstead consultation={call.consultation} video={call.media.includes("video")} onDone={back} />}
        {again && (
          <Button icon={call.media.includes("video") ? Video : Phone} onClick={redial} data-testid="k.after.redial">
            {t("ca.redial")}
          </Button>
        )}
        {again && !staff && <PhoneInstead />}
        {again && (
          <Button icon={CalendarClock} onClick={plan} data-testid="k.after.plan">
            {t("ca.plan.open")}
          </Button>
        )}
        <Button variant={again ? "secondary" : "primary"} onClick={back} data-testid="k.after.back">
          {t("ca.backToChat")}
        </Button>
      </div>
    </Dialog>
  );
}

/** One tap: the patient reads that the doctor called, and can answer when they like. */
function WriteInstead({ consultation, video, onDone }: { consultation: string; video: boolean; onDone: () => void }) {
  const t = useCallWords();
  const { outbox } = useLive();
  const text = t(video ? "ca.template.video" : "ca.template.voice");
  const [pending, setPending] = useState(false);
  const send = async () => {
    setPending(true);
    try {
      await outbox.add({ type: "message.send", consultation, client_id: newClientId(), text }, { hold: settings().undoSeconds * 1000 });
      toast(t("ca.template.sent"));
      onDone();
    } catch (error) {
      setPending(false);
      toastError(error);
    }
  };
  return (
    <>
      <blockquote className="k-template">{text}</blockquote>
      <Button variant="primary" icon={MessageSquareText} pending={pending} onClick={() => void send()} data-testid="k.after.write">
        {t("ca.template.send")}
      </Button>
    </>
  );
}

function MarksLeft({ call }: { call: string | null }) {
  const t = useCallWords();
  const { marks, text } = useMarks(call);
  if (marks.length === 0) return null;
  return (
    <>
      <pre className="k-marks-text" data-testid="k.after.marks">
        {text}
      </pre>
      <Button onClick={() => void copy(text).then((done) => toast(t(done ? "ca.marks.copied" : "ca.marks.notCopied"), { tone: done ? "neutral" : "danger" }))}>{t("ca.marks.copy")}</Button>
    </>
  );
}
