import { Pause, Play } from "lucide-react";
import { useVoiceWords } from "./words";

/** `length`: of the note, as it is read aloud. */
export function PlayButton({ playing, length, onClick }: { playing: boolean; length: string; onClick: () => void }) {
  const t = useVoiceWords();
  const Icon = playing ? Pause : Play;
  return (
    <button type="button" className="x-voice-play" onClick={onClick} aria-label={t(playing ? "vn.pause" : "vn.play", { length })} data-testid="x.voice.play">
      <Icon size={22} aria-hidden />
    </button>
  );
}
