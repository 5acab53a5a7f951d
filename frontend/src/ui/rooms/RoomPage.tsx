import { useEffect, useState } from "react";
import { CircleDot, EyeOff, LogOut, Mic, MicOff, MonitorUp, MonitorX, PhoneOff, Settings2, Video, VideoOff } from "lucide-react";
import { Button } from "../Button";
import { DeviceChoice, useOutput, type Output } from "../calls/DeviceChoice";
import { DeviceTrouble } from "../calls/DeviceTrouble";
import { callWords } from "../calls/words";
import { Dialog } from "../Dialog";
import { useConnection, useSession } from "../live";
import { go } from "../router";
import { useKeys } from "../staff/keys";
import { ErrorState, Loading } from "../states";
import { Answers, ConsentSheet, RecordButton, useTold } from "./Consent";
import { Grid } from "./Grid";
import { Invite } from "./Invite";
import { useRoom, type InRoom } from "./useRoom";
import { roomWords, useRoomWords } from "./words";
import { toastError } from "../toastError";
import "../calls/calls.css";
import "./rooms.css";

export const words = { "zh-Hans": both("zh-Hans"), en: both("en") };

/** The sound of others comes with the words of calls. */
function both(locale: "zh-Hans" | "en") {
  return async () => {
    const [calls, rooms] = await Promise.all([callWords[locale](), roomWords[locale]()]);
    return { ...calls, messages: { ...calls.messages, ...rooms.messages } };
  };
}

/** A room for up to six: colleagues beside a case, and the patient where invited. `kind`: whether `id` names a room that is there, or the
 * conversation whose room it is. */
export default function RoomPage({ kind, id }: { kind: "room" | "thread"; id: string }) {
  const entry = useRoom(kind, id);
  const t = useRoomWords();
  useOwnAddress(kind, entry?.view.stage === "in" ? entry.view.room : null);
  if (!entry) return <Loading />;
  const { view, inside } = entry;
  const side = inside !== null && !inside.recordable;
  return (
    <main className="rm-page" data-testid="rm.page" data-stage={view.stage} data-flows={view.flows}>
      <header className="rm-head">
        <h1>{t(side ? "rm.title.side" : "rm.title")}</h1>
        {side && (
          <p className="secondary">
            <EyeOff size={18} aria-hidden /> {t("rm.hidden")}
          </p>
        )}
        {view.recording?.state === "on" && (
          <p className="rm-recording" data-testid="rm.rec.on">
            <CircleDot size={18} aria-hidden /> {t("rm.rec.on")}
          </p>
        )}
        {view.stage !== "over" && <Status entry={entry} />}
      </header>
      {view.stage === "over" ? <Over entry={entry} /> : <Inside entry={entry} />}
    </main>
  );
}

/** A reload comes back to the room, and does not open another. The page stays what it is. */
function useOwnAddress(kind: "room" | "thread", room: string | null): void {
  useEffect(() => {
    if (kind === "thread" && room) window.history.replaceState(null, "", `/room/${room}`);
  }, [kind, room]);
}

/** What keeps others from hearing this device, and how far their answers about a recording are. */
function Status({ entry }: { entry: InRoom }) {
  const t = useRoomWords();
  const online = useConnection() === "online";
  const { stage, flows, quality } = entry.view;
  const trouble = !online ? "server" : stage === "in" && !flows ? "media" : null;
  return (
    <>
      <p className="rm-status" role="status" data-testid="rm.status" data-trouble={trouble ?? undefined} data-quality={quality ?? undefined}>
        {trouble ? t(`rm.trouble.${trouble}`) : quality && t(`rm.quality.${quality}`)}
      </p>
      <Answers entry={entry} />
    </>
  );
}

function Inside({ entry }: { entry: InRoom }) {
  const t = useRoomWords();
  const { room, view } = entry;
  const output = useOutput(view.local);
  useTold(entry);
  return (
    <>
      {view.error && <ErrorState error={view.error} onRetry={() => void room.enter()} />}
      {view.micProblem && <DeviceTrouble device="mic" problem={view.micProblem} />}
      {view.cameraProblem && <DeviceTrouble device="camera" problem={view.cameraProblem} />}
      {view.stage === "entering" && (
        <>
          {!view.error && <p role="status">{t("rm.entering")}</p>}
          <div className="rm-controls">
            <LeaveButton entry={entry} />
          </div>
        </>
      )}
      {view.stage === "in" && (
        <>
          <Grid entry={entry} output={output.id} />
          <Controls entry={entry} output={output} />
          <ConsentSheet entry={entry} />
        </>
      )}
    </>
  );
}

function Controls({ entry, output }: { entry: InRoom; output: Output }) {
  const t = useRoomWords();
  const { room, view, inside } = entry;
  const { own } = view;
  const mute = () => void room.mute(own.audio);
  const camera = () => void room.tools.camera(!own.video);
  useKeys({ "Ctrl+KeyD": mute, "Ctrl+KeyE": camera });
  return (
    <div className="rm-controls" role="group" aria-label={t("rm.controls")}>
      <Button icon={own.audio ? Mic : MicOff} onClick={mute} aria-keyshortcuts="Control+D" data-testid="rm.mute">
        {t(own.audio ? "rm.mute" : "rm.unmute")}
      </Button>
      <Button icon={own.video ? Video : VideoOff} onClick={camera} aria-keyshortcuts="Control+E" data-testid="rm.camera">
        {t(own.video ? "rm.camera.off" : "rm.camera.on")}
      </Button>
      {"getDisplayMedia" in navigator.mediaDevices && (
        <Button icon={own.screen ? MonitorX : MonitorUp} onClick={() => void room.tools.share(!own.screen)} data-testid="rm.share">
          {t(own.screen ? "rm.unshare" : "rm.share")}
        </Button>
      )}
      <Devices entry={entry} output={output} />
      {inside?.host && view.thread && <Invite entry={entry} thread={view.thread} />}
      {inside?.recordable && <RecordButton entry={entry} />}
      <LeaveButton entry={entry} />
      {inside?.host && <CloseButton entry={entry} />}
    </div>
  );
}

/** Microphone, camera and loudspeaker, where there is a choice. */
function Devices({ entry: { room, view }, output }: { entry: InRoom; output: Output }) {
  const t = useRoomWords();
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <Button icon={Settings2} aria-haspopup="dialog" onClick={() => setChoosing(true)} data-testid="rm.devices">
        {t("rm.devices")}
      </Button>
      {choosing && (
        <Dialog title={t("rm.devices")} onClose={() => setChoosing(false)} shape="sheet" testid="rm.devices.sheet">
          <DeviceChoice tools={room.tools} local={view.local} output={output} />
          <p className="secondary">{t("rm.devices.hint")}</p>
        </Dialog>
      )}
    </>
  );
}

function LeaveButton({ entry: { room } }: { entry: InRoom }) {
  const t = useRoomWords();
  return (
    <Button variant="danger" icon={LogOut} onClick={() => room.leave()} data-testid="rm.leave">
      {t("rm.leave")}
    </Button>
  );
}

function CloseButton({ entry: { room } }: { entry: InRoom }) {
  const t = useRoomWords();
  const [asking, setAsking] = useState(false);
  const close = () => {
    setAsking(false);
    void room.close().catch(toastError);
  };
  return (
    <>
      <Button variant="emergency" icon={PhoneOff} aria-haspopup="dialog" onClick={() => setAsking(true)} data-testid="rm.close">
        {t("rm.close")}
      </Button>
      {asking && (
        <Dialog title={t("rm.close.title")} onClose={() => setAsking(false)} testid="rm.close.sheet" actions={<Button variant="danger" onClick={close} data-testid="rm.close.do">{t("rm.close")}</Button>}>
          <p>{t("rm.close.what")}</p>
        </Dialog>
      )}
    </>
  );
}

function Over({ entry: { view, inside } }: { entry: InRoom }) {
  const t = useRoomWords();
  const staff = useSession().surface !== "patient";
  const how = view.reason === "left" || view.reason === "removed" || view.reason === "elsewhere" ? view.reason : "closed";
  const again = view.room !== null && (how === "left" || how === "elsewhere");
  return (
    <section className="rm-over" data-testid="rm.over" data-reason={view.reason ?? undefined}>
      {view.reason === "refused" && view.error ? <ErrorState error={view.error} /> : <h2>{t(`rm.over.${how}`)}</h2>}
      <div className="row">
        <Button variant="primary" onClick={() => go(home(staff, inside))} data-testid="rm.back">
          {t(inside ? "rm.back" : "rm.home")}
        </Button>
        {again && <Button onClick={() => window.location.assign(`/room/${view.room}`)}>{t("rm.rejoin")}</Button>}
      </div>
    </section>
  );
}

function home(staff: boolean, inside: InRoom["inside"]): string {
  if (!inside) return "/";
  if (!staff) return `/consultations/${inside.about}`;
  return inside.host && inside.recordable ? `/c/${inside.about}` : `/sides/${inside.about}`;
}
