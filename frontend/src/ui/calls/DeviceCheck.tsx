import { PhoneOff, Volume2 } from "lucide-react";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { errorText } from "../states";
import type { CallProps } from "./CallCentre";
import { DeviceChoice, useOutput } from "./DeviceChoice";
import { DeviceTrouble } from "./DeviceTrouble";
import { HearingCheck } from "./HearingCheck";
import { PhoneInstead } from "./PhoneInstead";
import { Picture } from "./Picture";
import { playTest } from "./ringtone";
import { useLevel } from "./useLevel";
import { useNetworkWord } from "./useNetworkWord";
import { usePeer } from "./usePeer";
import { useCallWords } from "./words";

/** Camera, microphone, loudspeaker and network before the call. Nobody has to: it opens when asked for, or when a device does not work. */
export function DeviceCheck({ calls, call }: CallProps) {
  const t = useCallWords();
  const { name } = usePeer();
  const output = useOutput(call.local);
  const { micProblem, cameraProblem, media, direction } = call;
  const leave = () => (direction === "in" ? calls.decline() : calls.close());
  const ready = micProblem === null && call.local !== null;
  const go = t(!ready ? "ca.check.again" : direction === "in" ? "ca.accept" : "ca.check.call");
  const acts = (
    <div className="k-check-acts">
      <Button variant="primary" size="main" onClick={() => void calls.go()} data-testid="k.check.go">
        {go}
      </Button>
      <Button icon={PhoneOff} onClick={leave} data-testid="k.check.leave">
        {t(direction === "in" ? "ca.decline" : "ca.check.leave")}
      </Button>
    </div>
  );
  return (
    <Dialog title={t(direction === "in" ? "ca.check.waits" : "ca.check.title", { name })} onClose={() => calls.uncheck()} shape="sheet" actions={acts} testid="k.check">
      {media.includes("video") && (cameraProblem ? <DeviceTrouble device="camera" problem={cameraProblem} /> : <Picture stream={call.local} className="k-preview" aria-label={t("ca.self")} />)}
      {micProblem ? <DeviceTrouble device="mic" problem={micProblem} /> : <Level stream={call.local} />}
      <div className="k-check-row">
        <Button icon={Volume2} onClick={() => void playTest()} data-testid="k.check.sound">
          {t("ca.check.sound")}
        </Button>
        <NetworkWord />
      </div>
      {call.local && !micProblem && "MediaRecorder" in window && <HearingCheck stream={call.local} output={output.id} />}
      <DeviceChoice tools={calls.tools} local={call.local} output={output} />
      {call.error && <p role="alert">{errorText(call.error)}</p>}
      {(micProblem ?? cameraProblem) && (
        <div>
          <PhoneInstead />
        </div>
      )}
    </Dialog>
  );
}

function Level({ stream }: { stream: MediaStream | null }) {
  const t = useCallWords();
  const level = useLevel(stream);
  const percent = Math.round(level * 100);
  return (
    <div className="k-level">
      <span id="k-level">{t(level > 0.35 ? "ca.check.heard" : "ca.check.speak")}</span>
      <meter aria-labelledby="k-level" min={0} max={100} value={percent} data-testid="k.level" />
    </div>
  );
}

function NetworkWord() {
  const t = useCallWords();
  const word = useNetworkWord();
  return <p data-testid="k.check.network">{t(`ca.network.${word ?? "none"}`)}</p>;
}
