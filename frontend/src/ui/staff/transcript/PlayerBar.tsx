import { Pause, Play, Repeat, RotateCcw, RotateCw } from "lucide-react";
import { playTime } from "@core/format";
import { Button } from "../../Button";
import { useStaff } from "../words";
import type { Player } from "../../voice/usePlayer";

export const SPEEDS = [0.75, 1, 1.25, 1.5, 2] as const;
export const SKIP_SECONDS = 3;

/** Play, three seconds back and forth, the place in the recording, and how fast. Every act has a key of its own as well. */
export function PlayerBar({ player, src, label, onLoop }: { player: Player; src: string; label: string; onLoop: () => void }) {
  const t = useStaff();
  const { playback, playing, time, duration, failed } = player;
  const { attach } = playback;
  return (
    <div className="x-player" role="group" aria-label={label} data-region="button" tabIndex={-1}>
      {/* eslint-disable-next-line jsx-a11y/media-has-caption -- the transcript beside it is the text of this recording */}
      <audio ref={attach} src={src} preload="metadata" data-testid="x.player.audio" />
      <Button variant="primary" icon={playing ? Pause : Play} onClick={() => playback.toggle()} aria-keyshortcuts="Control+Space" data-testid="x.player.toggle">
        {playing ? t("st.player.pause") : t("st.player.play")}
      </Button>
      <Button icon={RotateCcw} onClick={() => playback.skip(-SKIP_SECONDS)} aria-keyshortcuts="Alt+ArrowLeft" data-testid="x.player.back">
        {t("st.player.back", { seconds: SKIP_SECONDS })}
      </Button>
      <Button icon={RotateCw} onClick={() => playback.skip(SKIP_SECONDS)} aria-keyshortcuts="Alt+ArrowRight" data-testid="x.player.forward">
        {t("st.player.forward", { seconds: SKIP_SECONDS })}
      </Button>
      <Button icon={Repeat} onClick={onLoop} aria-pressed={player.loop !== null} aria-keyshortcuts="Alt+O" data-testid="x.player.loop">
        {t(player.loop ? "st.player.loop.stop" : "st.player.loop")}
      </Button>
      <span className="tabular secondary">
        {playTime(time)} / {playTime(duration)}
      </span>
      <label className="x-player-speed secondary">
        {t("st.player.speed")}
        <select className="x-input" value={player.speed} onChange={(event) => playback.setSpeed(Number(event.target.value))}>
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {speed}×
            </option>
          ))}
        </select>
      </label>
      {failed && (
        <p role="alert" className="x-player-failed">
          {t("st.player.failed")}
        </p>
      )}
    </div>
  );
}
