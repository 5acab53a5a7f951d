import { useState } from "react";
import { RotateCcw, RotateCw } from "lucide-react";
import { playTime, spokenLength } from "@core/format";
import { useSession } from "../live";
import { useLocale } from "../settings";
import type { Voice } from "../talk/files";
import type { MediaProps } from "../talk/slots";
import { markHeard, useHeard } from "./heard";
import { NoteText } from "./NoteText";
import "./onlyOne";
import { PlayButton } from "./PlayButton";
import { usePlayer, type Player } from "./usePlayer";
import { Waveform } from "./Waveform";
import { useVoiceWords } from "./words";
import "./voice.css";

export { voiceWords as words } from "./words";

const SPEEDS = [0.75, 1, 1.25, 1.5] as const;
const SKIP_SECONDS = 5;

export interface VoiceNoteProps extends Omit<MediaProps, "attachments" | "voice"> {
  voice: Voice;
}

/** A voice note: play it, go to a place in it, choose how fast; its words under it. */
export default function VoiceNote({ voice, own, words }: VoiceNoteProps) {
  const t = useVoiceWords();
  const locale = useLocale();
  const { person } = useSession();
  const player = usePlayer(voice.duration_s);
  const heard = useHeard(person.id, voice.id) || own;
  const { playback, playing, time, failed } = player;
  const [used, setUsed] = useState(false);
  const { attach } = playback;
  const length = spokenLength(voice.duration_s, locale);
  const begun = playing || time > 0;
  const toggle = () => {
    setUsed(true);
    markHeard(person.id, voice.id);
    playback.toggle();
  };
  return (
    <div className="x-voice" role="group" aria-label={t("vn.note", { length })} data-testid="x.voice" data-heard={heard}>
      {/* eslint-disable-next-line jsx-a11y/media-has-caption -- its words stand under it */}
      <audio ref={attach} src={`/api/voice-notes/${encodeURIComponent(voice.id)}/audio`} preload="none" data-testid="x.voice.audio" />
      <div className="x-voice-row">
        <PlayButton playing={playing} length={length} onClick={toggle} />
        <Waveform peaks={voice.peaks} player={player} onSeek={playback.seek} />
        <span className="x-voice-time tabular" aria-hidden="true">
          {playTime(begun ? time : voice.duration_s)}
        </span>
        {!heard && (
          <span className="x-voice-unheard" data-testid="x.voice.unheard">
            {t("vn.unheard")}
          </span>
        )}
      </div>
      {(used || begun) && <Controls player={player} />}
      {failed && (
        <p role="alert" className="x-voice-problem">
          {t("vn.player.failed")}
        </p>
      )}
      <NoteText note={voice.id} words={words} own={own} />
    </div>
  );
}

/** Back and forth, and how fast: drawn from the first time it is played. */
function Controls({ player: { playback, speed } }: { player: Player }) {
  const t = useVoiceWords();
  return (
    <div className="x-voice-controls">
      <button type="button" onClick={() => playback.skip(-SKIP_SECONDS)} aria-label={t("vn.back", { seconds: SKIP_SECONDS })} data-testid="x.voice.back">
        <RotateCcw size={18} aria-hidden />
        {SKIP_SECONDS}
      </button>
      <button type="button" onClick={() => playback.skip(SKIP_SECONDS)} aria-label={t("vn.forward", { seconds: SKIP_SECONDS })} data-testid="x.voice.forward">
        <RotateCw size={18} aria-hidden />
        {SKIP_SECONDS}
      </button>
      <label>
        <span className="sr-only">{t("vn.speed")}</span>
        <select value={speed} onChange={(event) => playback.setSpeed(Number(event.target.value))} data-testid="x.voice.speed">
          {SPEEDS.map((one) => (
            <option key={one} value={one}>
              {one}×
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
