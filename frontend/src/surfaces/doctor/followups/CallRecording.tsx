import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Flag, Mic, Pause, Play, Square, Trash2, Upload } from "lucide-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CallRecorder, forgetCall, leftOf, type CallRecorderState, type RecordedCall } from "@core/callRecorder";
import { playTime, spokenLength } from "@core/format";
import type { SpokenLanguage } from "@core/recordings";
import { Button } from "@ui/Button";
import { useSession } from "@ui/live";
import { useLocale } from "@ui/settings";
import { useKeys } from "@ui/staff/keys";
import { ErrorState } from "@ui/states";
import { Meter } from "@ui/voice/recorder";
import { useUpload } from "./useUpload";
import { useCallWords } from "./words";

interface CallRecordingProps {
  followUp: string;
  /** Nothing is recorded, nor asked of the microphone, before the patient agreed. */
  agreed: boolean;
  language: SpokenLanguage;
}

/** The recorder of a call, and what earlier pages could not send. */
export function CallRecording({ followUp, agreed, language }: CallRecordingProps) {
  const w = useCallWords();
  const me = useSession().person.id;
  const queries = useQueryClient();
  const [taken, setTaken] = useState<RecordedCall | null>(null);
  const left = useQuery({ queryKey: ["left calls", me, followUp], queryFn: () => leftOf(me, followUp), staleTime: Infinity, gcTime: 0, retry: false });
  const sent = async (id: string) => {
    await forgetCall(id).catch(() => undefined);
    setTaken(null);
    await queries.invalidateQueries({ queryKey: ["left calls", me, followUp] });
  };
  const waiting = (left.data ?? []).filter((call) => call.id !== taken?.id && call.seconds > 0);
  if (taken) return <Unsent key={taken.id} followUp={followUp} call={taken} language={language} at_once onSent={() => void sent(taken.id)} />;
  return (
    <>
      <Live followUp={followUp} agreed={agreed} onDone={setTaken} />
      {waiting.length > 0 && <p>{w("fu.left")}</p>}
      {waiting.map((call) => (
        <Unsent key={call.id} followUp={followUp} call={call} language={language} onSent={() => void sent(call.id)} />
      ))}
    </>
  );
}

function Live({ followUp, agreed, onDone }: Pick<CallRecordingProps, "followUp" | "agreed"> & { onDone: (call: RecordedCall) => void }) {
  const w = useCallWords();
  const me = useSession().person.id;
  const [recorder] = useState(() => new CallRecorder(me, followUp, onDone));
  const state = useSyncExternalStore(recorder.subscribe, recorder.state);
  useEffect(() => () => recorder.stop(), [recorder]); // what was said until the page goes is kept
  useKeys({ "Alt+KeyM": recorder.mark });
  if (state.stage === "idle" || state.stage === "asking")
    return (
      <div className="stack">
        {state.problem && <p role="alert">{w(`fu.problem.${state.problem}`)}</p>}
        <div>
          <Button variant="primary" icon={Mic} disabled={!agreed} pending={state.stage === "asking"} onClick={() => void recorder.start()} data-testid="d.recorder.start">
            {w("fu.start")}
          </Button>
        </div>
      </div>
    );
  return (
    <div className="d-recorder stack" data-testid="d.recorder" data-stage={state.stage}>
      {state.problem && <p role="alert">{w(`fu.problem.${state.problem}`)}</p>}
      <Elapsed state={state} />
      <Level recorder={recorder} />
      <div className="row">
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
      </div>
    </div>
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

interface UnsentProps {
  followUp: string;
  call: RecordedCall;
  language: SpokenLanguage;
  at_once?: boolean;
  onSent: () => void;
}

/** A recording on its way, or waiting for it: it stays on this device until the server has all of it. */
function Unsent({ followUp, call, language, at_once = false, onSent }: UnsentProps) {
  const w = useCallWords();
  const locale = useLocale();
  const upload = useUpload(followUp);
  const begun = useRef(false);
  const send = async () => {
    if (await upload.start({ file: call.file, language, client_id: call.id, markers: call.markers })) onSent();
  };
  useEffect(() => {
    if (!at_once || begun.current) return;
    begun.current = true;
    void send();
  });
  return (
    <div className="stack" data-testid="d.recorder.unsent">
      <p>{w("fu.unsent", { length: spokenLength(call.seconds, locale) })}</p>
      {upload.error && <ErrorState error={upload.error} />}
      {upload.sent !== null ? (
        <progress max={1} value={upload.sent} aria-label={w("fu.sending")} />
      ) : (
        <div className="row">
          <Button variant="primary" icon={Upload} onClick={() => void send()}>{w("fu.send")}</Button>
          <Button variant="quiet" icon={Trash2} onClick={onSent}>{w("fu.drop")}</Button>
        </div>
      )}
    </div>
  );
}
