import { CalendarClock, Mic, Phone, Video } from "lucide-react";
import { askForCall, askForTime, type Medium } from "@core/calls/current";
import type { ConsultationDetail } from "@core/consultations";
import { inLocale } from "@core/i18n";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { useSession } from "../live";
import { fullName } from "../names";
import { useLocale } from "../settings";
import { BeforeCall } from "./BeforeCall";
import { PhoneInstead } from "./PhoneInstead";
import { useCallWords } from "./words";
import "./calls.css";

export { callWords as words } from "./words";

const VOICE: readonly Medium[] = ["audio"];
const VIDEO: readonly Medium[] = ["audio", "video"];

/** Voice or picture, and whether to look at the devices first; what both sides should know before. */
export default function CallChoice({ detail, onClose }: { detail: ConsultationDetail; onClose: () => void }) {
  const t = useCallWords();
  const locale = useLocale();
  const { person, surface } = useSession();
  const { patient, assignee, department } = detail;
  const mine = assignee?.id === person.id;
  const name = mine ? patient.name : assignee ? fullName(assignee, locale) : inLocale(department.name, locale);
  const call = (media: readonly Medium[], check = false) => {
    onClose();
    askForCall(detail.id, media, check);
  };
  return (
    <Dialog title={t("ca.choice", { name })} onClose={onClose} shape={surface === "patient" ? "sheet" : "dialog"} testid="k.choice">
      {detail.before_call && <BeforeCall {...detail.before_call} />}
      <div className="stack">
        <Button variant="primary" size="main" icon={Phone} onClick={() => call(VOICE)} data-testid="k.choice.voice">
          {t("ca.choice.voice")}
        </Button>
        <Button size="main" icon={Video} onClick={() => call(VIDEO)} data-testid="k.choice.video">
          {t("ca.choice.video")}
        </Button>
        <Button variant="quiet" icon={Mic} onClick={() => call(VIDEO, true)} data-testid="k.choice.check">
          {t("ca.choice.check")}
        </Button>
        <Button variant="quiet" icon={CalendarClock} onClick={() => [onClose(), askForTime(detail.id)]} data-testid="k.choice.plan">
          {t("ca.plan.open")}
        </Button>
      </div>
      <p className="secondary">{t("ca.choice.recording")}</p>
      {surface === "patient" && (
        <div>
          <PhoneInstead />
        </div>
      )}
    </Dialog>
  );
}
