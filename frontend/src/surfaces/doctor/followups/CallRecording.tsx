import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Flag, Mic, Pause, Play, Square, UserX } from "lucide-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CallRecorder, forgetCall, leftOf, type CallRecorderState, type RecordedCall } from "@core/callRecorder";
import { codedFrom } from "@core/errors";
import { playTime } from "@core/format";
import type { SpokenLanguage } from "@core/recordings";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { useSession } from "@ui/live";
import { useKeys } from "@ui/staff/keys";
import { ErrorState } from "@ui/states";
import { Meter } from "@ui/voice/recorder";
import { DropDialog, Unsent } from "./Unsent";
import { useCallWords } from "./words";

interface CallRecordingProps {
  followUp: string;
  /** Nothing is recorded, nor asked of the microphone, before the patient agreed. */
  agreed: boolean;
  language: SpokenLanguage;
  /** While a call is recorded, or sent: what the patient said of it is not changed by the way. */
  onBusy: (busy: boolean) => void;
  /** The patient took their yes back, and what was recorded is deleted. */
  onWithdrawn: () => void;
}

/** The recorder of a call, and what earlier pages could not send. */
export function CallRecording({ followUp, agreed, language, onBusy, onWithdrawn }: CallRecordingProps) {
  const w = useCallWords();
  const me = useSession().person.id;
  const queries = useQueryClient();
  const [taken, setTaken] = useState<RecordedCall | null>(null);
  const [live, setLive] = useState(false);
  const busy = live || taken !== null;
  useEffect(() => {
    onBusy(busy);
    return () => onBusy(false);
  }, [busy, onBusy]);
  const left = useQuery({ queryKey: ["left calls", me, followUp], queryFn: () => leftOf(me, followUp), staleTime: Infinity, gcTime: 0, retry: false });
  const sent = async (id: string) => {
    await forgetCall(id).catch(() => undefined);
    setTaken(null);
    await queries.invalidateQueries({ queryKey: ["left calls", me, followUp] });
  };
  const waiting = (left.data ?? []).filter((call) => call.id !== taken?.id && call.seconds > 0);
  if (taken) return <Unsent key={taken.id} followUp={followUp} call={taken} agreed={agreed} language={language} at_once onSent={() => void sent(taken.id)} />;
  return (
    <>
      <Live followUp={followUp} agreed={agreed} onLive={setLive} onDone={setTaken} onWithdrawn={onWithdrawn} />
      {left.isError && <ErrorState error={codedFrom(left.error)} onRetry={() => void left.refetch()} />}
      {waiting.length > 0 && <p>{w(agreed ? "fu.left" : "fu.left.consentFirst")}</p>}
      {waiting.map((call) => (
        <Unsent key={call.id} followUp={followUp} call={call} agreed={agreed} language={language} onSent={() => void sent(call.id)} />
      ))}
    </>
  );
}

interface LiveProps extends Pick<CallRecordingProps, "followUp" | "agreed" | "onWithdrawn"> {
  onLive: (live: boolean) => void;
  onDone: (call: RecordedCall) => void;
}

function Live({ followUp, agreed, onLive, onDone, onWithdrawn }: LiveProps) {
  const w = useCallWords();
  const me = useSession().person.id;
  const [recorder] = useState(() => new CallRecorder(me, followUp, onDone));
  const state = useSyncExternalStore(recorder.subscribe, recorder.state);
  const live = state.stage !== "idle";
  useEffect(() => {
    void recorder.prepare().catch(() => undefined); // asked for again when it begins
    return () => recorder.stop(); // what was said until the page goes is kept
  }, [recorder]);
  useEffect(() => {
    onLive(live);
    return () => onLive(false);
  }, [live, onLive]);
  useKeys({ "Alt+KeyM": recorder.mark });
  if (state.stage === "idle" || state.stage === "asking")
    return (
      <div className="stack">
        {state.problem && <p role="alert">{w(`fu.problem.${state.problem}`)}</p>}
        <div className="row">
          <Button variant="primary" icon={Mic} disabled={!agreed} pending={state.stage === "asking"} onClick={() => void recorder.start()} data-testid="d.recorder.start">
            {w("fu.start")}
          </Button>
          {state.stage === "asking" && <Withdraw recorder={recorder} onWithdrawn={onWithdrawn} />}
        </div>
      </div>
    );
  return (
    <div className="d-recorder stack" data-testid="d.recorder" data-stage={state.stage}>
      {state.problem && <p role="alert">{w(`fu.problem.${state.problem}`)}</p>}
      <Elapsed state={state} />
      <Level recorder={recorder} />
      <div className="row">
        {state.stage !== "stopped" && <Controls recorder={recorder} state={state} />}
        <Withdraw recorder={recorder} onWithdrawn={onWithdrawn} />
      </div>
    </div>
  );
}

function Controls({ recorder, state }: { recorder: CallRecorder; state: CallRecorderState }) {
  const w = useCallWords();
  return (
    <>
      {state.stage === "paused" ? (
        <Button icon={Play} onClick={recorder.resume}>{w("fu.resume")}</Button>
      ) : (
        <Button icon={Pause} onClick={recorder.pause}>{w("fu.pause")}</Button>
      )}
      <Button icon={Flag} disabled={state.stage !== "recording"} onClick={recorder.mark} aria-keyshortcuts="Alt+M" data-testid="d.recorder.mark">
        {w("fu.mark", { count: state.markers.filter((one) => one.kind === "mark").length })}
      </Button>
      <Button variant="primary" icon={Square} onClick={recorder.stop} data-testid="d.recorder.stop">
        {w("fu.stop")}
      </Button>
    </>
  );
}

/** The only way from a yes to a no while it is recorded. Nothing more is recorded from the first click on. */
function Withdraw({ recorder, onWithdrawn }: { recorder: CallRecorder; onWithdrawn: () => void }) {
  const w = useCallWords();
  const [asked, setAsked] = useState(false);
  const withdraw = async () => {
    setAsked(false);
    if (!(await recorder.withdraw())) return;
    toast(w("fu.withdrawn"));
    onWithdrawn();
  };
  const ask = () => {
    if (recorder.state().stage === "asking") return void withdraw(); // there is nothing to lose yet
    recorder.pause();
    setAsked(true);
  };
  return (
    <>
      <Button variant="quiet" icon={UserX} onClick={ask} data-testid="d.recorder.withdraw">
        {w("fu.withdraw")}
      </Button>
      {asked && <DropDialog onDrop={() => void withdraw()} onClose={() => setAsked(false)} />}
    </>
  );
}

function Elapsed({ state }: { state: CallRecorderState }) {
  const w = useCallWords();
  return (
    <p className="d-recorder-time">
      <span className="d-recorder-dot" data-on={state.stage === "recording"} aria-hidden="true" />
      {w(state.stage === "paused" ? "fu.paused" : "fu.recording")} <span className="tabular">{playTime(state.seconds)}</span>
    </p>
  );
}

/** How loud it is; without drawing the page again. */
function Level({ recorder }: { recorder: CallRecorder }) {
  const w = useCallWords();
  const shown = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    if (!recorder.stream) return;
    const meter = new Meter(recorder.stream);
    const timer = setInterval(() => {
      if (shown.current) shown.current.value = meter.level();
    }, 100);
    return () => {
      clearInterval(timer);
      meter.close();
    };
  }, [recorder]);
  return <meter ref={shown} className="d-level" min={0} max={1} aria-label={w("fu.level")} />;
}
