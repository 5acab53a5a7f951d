import { useEffect, useRef, useState } from "react";
import { Ear, Mic } from "lucide-react";
import { Button } from "../Button";
import { announce } from "../announce";
import { useCallWords } from "./words";

const SECOND_MS = 2_000;

/** Records two seconds here, plays them, and asks whether they were clear. Nothing of it leaves this page. */
export function HearingCheck({ stream, output }: { stream: MediaStream; output: string }) {
  const t = useCallWords();
  const [stage, setStage] = useState<"idle" | "recording" | "playing" | "asked" | "clear" | "unclear" | "failed">("idle");
  const sound = useRef<HTMLAudioElement>(null);
  const address = useRef("");
  const recorder = useRef<MediaRecorder | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const answer = (clear: "clear" | "unclear") => {
    setStage(clear);
    box.current?.querySelector("button")?.focus();
  };
  const forget = () => URL.revokeObjectURL(address.current);
  useEffect(
    () => () => {
      if (recorder.current?.state === "recording") recorder.current.stop();
      URL.revokeObjectURL(address.current);
    },
    [],
  );
  const play = async (blob: Blob) => {
    const audio = sound.current;
    if (!audio) return;
    forget();
    audio.src = address.current = URL.createObjectURL(blob);
    if ("setSinkId" in audio) await audio.setSinkId(output).catch(() => undefined);
    setStage("playing");
    await audio.play().catch(() => setStage("failed"));
  };
  const record = () => {
    try {
      const pieces: Blob[] = [];
      const made = (recorder.current = new MediaRecorder(new MediaStream(stream.getAudioTracks())));
      made.ondataavailable = ({ data }) => pieces.push(data);
      made.onstop = () => void play(new Blob(pieces, { type: made.mimeType }));
      made.start();
      setStage("recording");
      announce(t("ca.hearing.speak"));
      setTimeout(() => made.state === "recording" && made.stop(), SECOND_MS);
    } catch {
      setStage("failed");
    }
  };
  const busy = stage === "recording" || stage === "playing";
  return (
    <div ref={box} className="k-hearing" data-stage={stage} data-testid="k.hearing">
      <Button icon={Mic} onClick={() => !busy && record()} aria-disabled={busy} data-testid="k.hearing.record">
        {t(stage === "recording" ? "ca.hearing.speak" : stage === "playing" ? "ca.hearing.listen" : "ca.hearing.record")}
      </Button>
      <audio ref={sound} onEnded={() => setStage("asked")}>
        <track kind="captions" />
      </audio>
      {stage === "asked" && (
        <div className="k-hearing-ask" role="group" aria-label={t("ca.hearing.ask")}>
          <p>
            <Ear size={20} aria-hidden /> {t("ca.hearing.ask")}
          </p>
          <Button onClick={() => answer("clear")} data-testid="k.hearing.clear">
            {t("ca.hearing.clear")}
          </Button>
          <Button onClick={() => answer("unclear")} data-testid="k.hearing.unclear">
            {t("ca.hearing.unclear")}
          </Button>
        </div>
      )}
      {(stage === "clear" || stage === "unclear" || stage === "failed") && <p role="status">{t(`ca.hearing.${stage}.done`)}</p>}
    </div>
  );
}
