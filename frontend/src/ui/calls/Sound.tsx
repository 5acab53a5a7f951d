import { useEffect, useRef, useState } from "react";
import { Volume2 } from "lucide-react";
import { Button } from "../Button";
import { useCallWords } from "./words";

/** What the other says. A page that was reloaded may not sound before somebody touches it: then it asks for that. */
export function Sound({ stream, output }: { stream: MediaStream | null; output: string }) {
  const t = useCallWords();
  const ref = useRef<HTMLAudioElement>(null);
  const [silenced, setSilenced] = useState(false);
  const play = () => void ref.current?.play().then(() => setSilenced(false), (error: unknown) => setSilenced(error instanceof DOMException && error.name === "NotAllowedError"));
  useEffect(() => {
    const audio = ref.current;
    if (!audio || !stream) return;
    audio.srcObject = stream;
    play();
  }, [stream]);
  useEffect(() => {
    const audio = ref.current;
    if (audio && "setSinkId" in audio && output) void audio.setSinkId(output).catch(() => undefined);
  }, [output]);
  return (
    <>
      {/* Captions of a call are drawn over its picture, from speech as it is spoken. */}
      <audio ref={ref} autoPlay data-testid="k.sound">
        <track kind="captions" />
      </audio>
      {silenced && (
        <Button variant="primary" size="main" icon={Volume2} onClick={play} data-testid="k.sound.play">
          {t("ca.sound.play")}
        </Button>
      )}
    </>
  );
}
