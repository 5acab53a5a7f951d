import { spokenLength } from "@core/format";
import { useLocale } from "../settings";
import type { Player } from "./usePlayer";
import { useVoiceWords } from "./words";

/** Loudness over time, played part filled, with a slider over it: drag it, or use the arrow keys. */
export function Waveform({ peaks, player, onSeek }: { peaks: readonly number[]; player: Player; onSeek: (time: number) => void }) {
  const t = useVoiceWords();
  const locale = useLocale();
  const { time, duration } = player;
  const played = duration > 0 ? time / duration : 0;
  return (
    <div className="x-wave">
      <Bars levels={peaks.map((peak) => peak / 100)} played={played} />
      <input
        type="range"
        min={0}
        max={Math.max(1, duration)}
        step={1}
        value={Math.floor(time)}
        onChange={(event) => onSeek(Number(event.target.value))}
        aria-label={t("vn.place")}
        aria-valuetext={t("vn.at", { time: spokenLength(time, locale), length: spokenLength(duration, locale) })}
        data-testid="x.voice.place"
      />
    </div>
  );
}

/** Bars of equal width; `levels` are 0..1, `played` the share from the left that is filled. */
export function Bars({ levels, played = 1 }: { levels: readonly number[]; played?: number }) {
  const shown = levels.length > 0 ? levels : [0];
  return (
    <svg className="x-bars" viewBox={`0 0 ${shown.length * 4} 32`} preserveAspectRatio="none" aria-hidden="true">
      {shown.map((level, i) => {
        const height = Math.max(2, level * 30);
        return <rect key={i} data-played={(i + 0.5) / shown.length <= played} x={i * 4 + 0.5} y={16 - height / 2} width={3} height={height} rx={1} />;
      })}
    </svg>
  );
}
