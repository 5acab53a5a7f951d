import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Mic, Square, Trash2, Undo2 } from "lucide-react";
import { playTime } from "@core/format";
import { announce } from "../announce";
import { Button } from "../Button";
import type { Reader } from "../StatusWords";
import { MAX_SECONDS, WARN_SECONDS, type Clip } from "./clips";
import type { Recorder, Problem } from "./recorder";
import { Review } from "./Review";
import { useFocus } from "./useFocus";
import type { Press } from "./usePress";
import { Bars } from "./Waveform";
import { useVoiceWords } from "./words";

const UNDO_SECONDS = 5;

export interface RowActs {
  testid: string;
  elder: boolean;
  /** Resolves when the note is safe in the outbox. */
  onSend: (clip: Clip) => Promise<void>;
  onRemove: (clip: Clip) => Promise<void>;
  onAgain: () => void;
  onClose: () => void;
}

export interface VoiceRowProps extends RowActs {
  reader: Reader;
  press: Press;
  recorder?: Recorder;
  clip?: Clip;
  /** The row went away and this is still there. */
  onLeft: (clip: Clip | null) => void;
}

/** The composer's row while somebody speaks, and until the note is sent or deleted. */
export function VoiceRow({ recorder, clip, ...rest }: VoiceRowProps) {
  if (recorder) return <Recording recorder={recorder} {...rest} />;
  return clip ? <Review clip={clip} {...rest} /> : null;
}

type RecordingProps = Omit<VoiceRowProps, "clip" | "recorder"> & { recorder: Recorder };

function Recording({ recorder, press, reader, onLeft, ...given }: RecordingProps) {
  const { stage, seconds, levels, problem, clip } = useSyncExternalStore(recorder.subscribe, recorder.state);
  const held = useSyncExternalStore(press.subscribe, press.state);
  const { onClose, onSend, onRemove } = given;
  const acts: RowActs = {
    ...given,
    // What was sent or deleted is no draft when the row goes away.
    onSend: (sent) => onSend(sent).then(() => recorder.discard()),
    onRemove: (removed) => {
      recorder.discard();
      return onRemove(removed);
    },
  };
  useSpoken(stage, seconds);
  useKeptOnLeaving(recorder, onLeft);
  useEffect(() => {
    if (stage === "stopped" && !problem) onClose();
  }, [stage, problem, onClose]);
  if (problem) return <Trouble problem={problem} {...acts} />;
  if (clip && held === "released") return <Releasing clip={clip} reader={reader} press={press} {...acts} />;
  if (clip) return <Review clip={clip} {...acts} />;
  if (stage !== "recording") return <Asking recorder={recorder} {...acts} />;
  return <Speaking recorder={recorder} seconds={seconds} levels={levels} held={held} {...acts} />;
}

/** Leaving the page ends the recording and keeps it as a draft. */
function useKeptOnLeaving(recorder: Recorder, onLeft: (clip: Clip | null) => void): void {
  const left = useRef(onLeft);
  useEffect(() => {
    left.current = onLeft;
  });
  useEffect(
    () => () => {
      recorder.stop();
      left.current(recorder.state().clip);
    },
    [recorder],
  );
}

/** What a screen reader hears of it; the seconds themselves are not read out. */
function useSpoken(stage: string, seconds: number): void {
  const t = useVoiceWords();
  const warned = seconds >= WARN_SECONDS;
  const full = seconds >= MAX_SECONDS;
  useEffect(() => {
    if (stage === "recording") announce(t("vn.started"));
  }, [stage, t]);
  useEffect(() => {
    if (warned && !full) announce(t("vn.left", { seconds: MAX_SECONDS - WARN_SECONDS }));
  }, [warned, full, t]);
  useEffect(() => {
    if (stage === "kept") announce(t(full ? "vn.full" : "vn.stopped"));
  }, [stage, full, t]);
}

function Asking({ recorder, testid }: RowActs & { recorder: Recorder }) {
  const t = useVoiceWords();
  return (
    <div className="x-voice-recorder" data-testid={`${testid}.voice.asking`}>
      <p role="status">{t("vn.asking")}</p>
      <Button onClick={() => recorder.discard()}>{t("vn.cancel")}</Button>
    </div>
  );
}

function Speaking({ recorder, seconds, levels, held, testid }: RowActs & { recorder: Recorder; seconds: number; levels: readonly number[]; held: string }) {
  const t = useVoiceWords();
  const row = useFocus<HTMLDivElement>();
  const left = Math.ceil(MAX_SECONDS - seconds);
  return (
    <div ref={row} className="x-voice-recorder" data-testid={`${testid}.voice.recording`} data-held={held}>
      <p className="x-voice-clock" role="timer" aria-live="off">
        <span className="x-voice-dot" aria-hidden="true" />
        {t("vn.recording", { time: playTime(seconds) })}
      </p>
      <Bars levels={levels} />
      {seconds >= WARN_SECONDS && <p className="x-voice-left">{t("vn.left", { seconds: left })}</p>}
      {held === "held" || held === "cancelling" ? (
        <p className="x-voice-hint">{t(held === "cancelling" ? "vn.releaseToDelete" : "vn.releaseToSend")}</p>
      ) : (
        <div className="row">
          <Button icon={Trash2} onClick={() => recorder.discard()} data-testid={`${testid}.voice.discard`}>
            {t("vn.delete")}
          </Button>
          <Button variant="primary" icon={Square} onClick={() => recorder.stop()} data-first data-testid={`${testid}.voice.stop`}>
            {t("vn.stop")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Let go: it is sent by itself. Staff have the outbox's undo; patients have it here. */
function Releasing({ clip, reader, press, onSend, onClose, ...acts }: RowActs & { clip: Clip; reader: Reader; press: Press }) {
  const t = useVoiceWords();
  const [left, setLeft] = useState(reader === "staff" ? 0 : UNDO_SECONDS);
  const [failed, setFailed] = useState(false);
  const sent = useRef(false);
  useEffect(() => {
    const timer = setInterval(() => setLeft((seconds) => seconds - 1), 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left > 0 || sent.current) return;
    sent.current = true;
    void onSend(clip).then(
      () => [press.done(), onClose()],
      () => setFailed(true),
    );
  }, [left, clip, onSend, onClose, press]);
  if (failed) return <Review clip={clip} onSend={onSend} onClose={onClose} failedBefore {...acts} />;
  return (
    <div className="x-voice-recorder" data-testid={`${acts.testid}.voice.releasing`}>
      <p role="status">{t("vn.releasing", { seconds: Math.max(0, left) })}</p>
      <Button icon={Undo2} onClick={() => press.done()} data-testid={`${acts.testid}.voice.undo`}>
        {t("vn.undo")}
      </Button>
    </div>
  );
}

function Trouble({ problem, testid, onAgain, onClose }: RowActs & { problem: Problem }) {
  const t = useVoiceWords();
  const row = useFocus<HTMLDivElement>();
  return (
    <div ref={row} className="x-voice-recorder" data-testid={`${testid}.voice.problem`} data-problem={problem}>
      <p role="alert" className="x-voice-problem">
        {t(`vn.problem.${problem}`)}
      </p>
      <div className="row">
        <Button onClick={onClose}>{t("vn.write.instead")}</Button>
        {problem !== "unsupported" && (
          <Button variant="primary" icon={Mic} onClick={onAgain} data-first>
            {t("vn.again")}
          </Button>
        )}
      </div>
    </div>
  );
}
