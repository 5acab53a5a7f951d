import { useEffect, type ReactNode } from "react";
import { CalendarClock, Mic, Phone, PhoneOff, Video } from "lucide-react";
import { askForTime } from "@core/calls/current";
import { Button } from "../Button";
import { announce } from "../announce";
import { useModal } from "../Dialog";
import { useSession } from "../live";
import { errorText } from "../states";
import { go } from "../router";
import type { CallProps } from "./CallCentre";
import { Face } from "./Face";
import { usePage, usePeer } from "./usePeer";
import { useRinging } from "./useRinging";
import { useCallWords } from "./words";

/** Somebody calls. The whole screen of a patient; a card beside the work of a clinician, who may be in the middle of a sentence. */
export function Ring({ calls, call }: CallProps) {
  const t = useCallWords();
  const staff = useSession().surface !== "patient";
  const { name, about, detail } = usePeer();
  const video = call.media.includes("video");
  const what = t(video ? "ca.ring.video" : "ca.ring.voice");
  useRinging(`${name} ${what}`, t(staff ? "ca.alert.toStaff" : "ca.alert.toPatient"));
  const page = usePage(call.consultation);
  const later = () => {
    calls.decline("later");
    go(page);
    askForTime(call.consultation);
  };
  const Frame = staff ? RingCard : RingScreen;
  return (
    <Frame label={`${name} ${what}`}>
      <Face name={name} ringing />
      <div className="k-ring-who">
        <h2 tabIndex={-1} data-testid="k.ring.who">
          {name}
        </h2>
        {about && <p className="secondary">{about}</p>}
        <p className="k-ring-what">{what}</p>
        {detail && <p className="secondary k-ring-about">{t("ca.ring.about", { complaint: detail.complaint })}</p>}
      </div>
      {call.error && (
        <p role="alert" className="k-problem">
          {errorText(call.error)}
        </p>
      )}
      <div className="k-ring-acts">
        <Button variant="primary" size="main" icon={video ? Video : Phone} onClick={() => void calls.accept(call.media)} data-testid="k.ring.accept">
          {t("ca.accept")}
        </Button>
        {video && (
          <Button size="main" icon={Mic} onClick={() => void calls.accept(["audio"])} data-testid="k.ring.audio">
            {t("ca.accept.audio")}
          </Button>
        )}
        <div className="k-ring-less">
          <Button icon={CalendarClock} onClick={later} data-testid="k.ring.later">
            {t("ca.later")}
          </Button>
          <Button icon={PhoneOff} variant="danger" onClick={() => calls.decline()} data-testid="k.ring.decline">
            {t("ca.decline")}
          </Button>
        </div>
        <Button variant="quiet" onClick={() => void calls.accept(call.media, true)} data-testid="k.ring.check">
          {t("ca.check.first")}
        </Button>
      </div>
    </Frame>
  );
}

interface FrameProps {
  label: string;
  children: ReactNode;
}

/** Not to be left unanswered. A tap or key meant for the page before must neither take nor refuse the call: the heading has the focus. */
function RingScreen({ label, children }: FrameProps) {
  const modal = useModal(() => undefined, "h2");
  return (
    <dialog {...modal} className="k-ring" data-shape="full" aria-label={label} data-testid="k.ring">
      {children}
    </dialog>
  );
}

function RingCard({ label, children }: FrameProps) {
  useEffect(() => announce(label, "assertive"), [label]);
  return (
    <section className="k-ring" data-shape="card" aria-label={label} data-region="[data-testid='k.ring.accept']" data-testid="k.ring">
      {children}
    </section>
  );
}
