import { useState, type ComponentType } from "react";
import { Mic, MicOff, MonitorUp, MonitorX, PhoneOff, Settings2, Video, VideoOff, Volume2 } from "lucide-react";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import type { CallProps } from "./CallCentre";
import { DeviceChoice, type Output } from "./DeviceChoice";
import { useSession } from "../live";
import { AskForPhoto } from "./PhotoRequest";
import type { Shape } from "./shape";
import { CaptionsControl, RecordingControl } from "./slots";
import { useCallWords } from "./words";

type ControlsProps = CallProps & { output: Output; shape: Shape };

/** Named in words; what each says is what pressing it does. Hanging up stands apart. */
export function Controls({ calls, call, output, shape }: ControlsProps) {
  const t = useCallWords();
  const { own, at } = call;
  const on = at !== null;
  const hangup = (
    <Button variant="emergency" icon={PhoneOff} onClick={() => calls.hangup()} className="k-hangup" data-testid="k.hangup">
      {t(on ? "ca.hangup" : "ca.cancel")}
    </Button>
  );
  if (!on) return <div className="k-controls">{hangup}</div>;
  return (
    <div className="k-controls" role="group" aria-label={t("ca.controls")}>
      <Toggle on={own.audio} icons={[Mic, MicOff]} words={[t("ca.mute"), t("ca.unmute")]} keys="Control+D" onClick={() => calls.tools?.mute(own.audio)} testid="k.mute" />
      {shape !== "bar" && <More calls={calls} call={call} output={output} />}
      {hangup}
    </div>
  );
}

/** What a bar over the chat has no room for. */
function More({ calls, call, output }: Omit<ControlsProps, "shape">) {
  const t = useCallWords();
  const staff = useSession().surface !== "patient";
  const [choosing, setChoosing] = useState(false);
  const { screen, video } = call.own;
  const heard = output.all.find((one) => one.deviceId === output.id)?.label;
  return (
    <>
      <Toggle on={video} icons={[Video, VideoOff]} words={[t("ca.camera.off"), t("ca.camera.on")]} keys="Control+E" onClick={() => void calls.tools?.camera(!video)} testid="k.camera" />
      {"getDisplayMedia" in navigator.mediaDevices && (
        <Toggle on={!screen} icons={[MonitorUp, MonitorX]} words={[t("ca.share"), t("ca.unshare")]} onClick={() => void calls.tools?.share(!screen)} testid="k.share" />
      )}
      <CaptionsControl call={call} />
      {staff && <AskForPhoto call={call} />}
      <RecordingControl call={call} />
      <Button icon={heard ? Volume2 : Settings2} aria-haspopup="dialog" onClick={() => setChoosing(true)} data-testid="k.devices">
        {heard ? t("ca.output.now", { output: heard }) : t("ca.devices")}
      </Button>
      {choosing && (
        <Dialog title={t("ca.devices")} onClose={() => setChoosing(false)} shape="sheet" testid="k.devices.sheet">
          <DeviceChoice tools={calls.tools} local={call.local} output={output} />
          <p className="secondary">{t("ca.devices.hint")}</p>
        </Dialog>
      )}
    </>
  );
}

type Icon = ComponentType<{ size?: number; "aria-hidden"?: boolean }>;

interface ToggleProps {
  on: boolean;
  /** While it is on, and while it is off. */
  icons: readonly [Icon, Icon];
  words: readonly [string, string];
  keys?: string;
  onClick: () => void;
  testid: string;
}

function Toggle({ on, icons, words, keys, onClick, testid }: ToggleProps) {
  return (
    <Button icon={on ? icons[0] : icons[1]} onClick={onClick} data-on={on} aria-keyshortcuts={keys} data-testid={testid}>
      {on ? words[0] : words[1]}
    </Button>
  );
}
