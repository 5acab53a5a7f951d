import { useEffect, useMemo, useRef } from "react";
import type { Marker, Peaks } from "@core/recordings";
import { playTime, spokenLength } from "@core/format";
import { speakersOf } from "@core/review";
import type { Segment, Word } from "@core/transcripts";
import type { Player, Stretch } from "../../voice/usePlayer";
import { useLocale } from "../../settings";
import { useStaff } from "../words";
import { useSpeakerName } from "./speakers";

const MOST_LANES = 6;
const HEIGHT = 40;
const QUIET = 3;

export interface LanesProps {
  player: Player;
  segments: readonly Segment[];
  /** Loudness of each channel, 0..100, and whom it lets hear; undefined or empty while it is not measured. */
  peaks: Peaks | undefined;
  markers: readonly Marker[];
  doubts: readonly { word: Word }[];
  /** Seconds of words that may speak of an emergency. */
  risks: readonly number[];
  /** Lines that differ from the version compared with. */
  edited: readonly Segment[];
}

/** A recording over time: who speaks when and how loud, what is marked, and where it is played. A slider over all of it seeks. */
export function Lanes({ player, segments, peaks, markers, doubts, risks, edited }: LanesProps) {
  const t = useStaff();
  const locale = useLocale();
  const { playback, time } = player;
  const duration = Math.max(player.duration, segments.at(-1)?.end ?? 0, 1);
  const head = useHead(player, duration);
  return (
    <div className="x-lanes" data-testid="x.lanes">
      <Rows segments={segments} peaks={peaks} duration={duration} />
      <Ticks at={doubts.map(({ word }) => word.start)} duration={duration} kind="doubt" />
      <Ticks at={edited.map((line) => line.start)} duration={duration} kind="edit" />
      <Ticks at={risks} duration={duration} kind="risk" />
      <div ref={head} className="x-lanes-head" aria-hidden="true" />
      <input
        type="range"
        min={0}
        max={duration}
        step={0.1}
        value={Math.min(time, duration)}
        onChange={(event) => playback.seek(Number(event.target.value))}
        aria-label={t("st.player.place")}
        aria-valuetext={t("st.player.at", { time: spokenLength(time, locale), length: spokenLength(duration, locale) })}
        data-testid="x.player.place"
      />
      {player.loop && <Loop loop={player.loop} duration={duration} onChange={playback.setLoop} />}
      {markers.map(({ kind, at }, i) => (
        <button key={i} type="button" className="x-lanes-marker" data-kind={kind} style={{ left: share(at, duration) }} onClick={() => playback.playFrom(at)} data-testid="x.marker">
          <span aria-hidden="true">◆</span> {t(kind === "consent" ? "st.marker.consent" : "st.marker.mark")} <span className="tabular">{playTime(at)}</span>
        </button>
      ))}
    </div>
  );
}

/** What is played again and again, with both its edges to move. */
function Loop({ loop, duration, onChange }: { loop: Stretch; duration: number; onChange: (loop: Stretch) => void }) {
  const t = useStaff();
  const locale = useLocale();
  const edges = [
    ["from", t("st.player.loop.from"), (from: number) => onChange({ from: Math.min(from, loop.to), to: loop.to })],
    ["to", t("st.player.loop.to"), (to: number) => onChange({ from: loop.from, to: Math.max(to, loop.from) })],
  ] as const;
  return (
    <>
      <div className="x-lanes-loop" style={{ left: share(loop.from, duration), width: share(loop.to - loop.from, duration) }} aria-hidden="true" data-testid="x.lanes.loop" />
      {edges.map(([edge, label, move]) => (
        <input
          key={edge}
          type="range"
          className="x-lanes-edge"
          min={0}
          max={duration}
          step={0.1}
          value={loop[edge]}
          onChange={(event) => move(Number(event.target.value))}
          aria-label={label}
          aria-valuetext={spokenLength(loop[edge], locale)}
          data-testid={`x.player.loop.${edge}`}
        />
      ))}
    </>
  );
}

const share = (at: number, duration: number) => `${((Math.min(at, duration) / duration) * 100).toFixed(3)}%`;

/** Moves the line of the playing head at every frame, without drawing anything else again. */
function useHead({ playback }: Player, duration: number) {
  const head = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      playback.onFrame((time) => {
        if (head.current) head.current.style.left = share(time, duration);
      }),
    [playback, duration],
  );
  return head;
}

/** One lane for each speaker: loud where this one speaks, pale elsewhere. */
function Rows({ segments, peaks, duration }: Pick<LanesProps, "segments" | "peaks"> & { duration: number }) {
  const nameOf = useSpeakerName();
  const speakers = useMemo(() => speakersOf(segments).slice(0, MOST_LANES), [segments]);
  const mixed = useMemo(() => loudest(peaks?.channels ?? []), [peaks]);
  if (speakers.length === 0) return <Wave said={barsOf(mixed, () => true)} rest="" count={mixed.length} lane={0} />;
  return speakers.map(({ key, name }, lane) => {
    const heard = peaks?.channels.filter((_, i) => peaks.speakers[i] === key) ?? [];
    const own = heard.length > 0 ? loudest(heard) : mixed;
    const levels = own.length > 0 ? own : Array.from({ length: 300 }, () => 45);
    const mine = segments.filter((one) => one.speaker === key);
    const speaks = (i: number) => within(mine, ((i + 0.5) / levels.length) * duration);
    return (
      <div key={key} className="x-lane">
        <span className="x-lane-name">{nameOf(key, name)}</span>
        <Wave said={barsOf(levels, speaks)} rest={own.length > 0 ? barsOf(levels, (i) => !speaks(i)) : ""} count={levels.length} lane={lane} />
      </div>
    );
  });
}

/** Of channels that sound together; equally long. */
const loudest = (channels: readonly (readonly number[])[]): readonly number[] =>
  channels.length === 1 ? (channels[0] ?? []) : (channels[0]?.map((_, i) => Math.max(...channels.map((channel) => channel[i] ?? 0))) ?? []);

/** `lines` in the order of time. */
function within(lines: readonly Segment[], time: number): boolean {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.start ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return time <= (lines[low - 1]?.end ?? -1);
}

function barsOf(levels: readonly number[], which: (index: number) => boolean): string {
  return levels.map((level, i) => (which(i) ? barOf(i, Math.max(QUIET, level)) : "")).join("");
}

function barOf(i: number, level: number): string {
  const half = (level / 100) * (HEIGHT / 2);
  return `M${i + 0.5} ${(HEIGHT / 2 - half).toFixed(1)}V${(HEIGHT / 2 + half).toFixed(1)}`;
}

function Wave({ said, rest, count, lane }: { said: string; rest: string; count: number; lane: number }) {
  return (
    <svg className="x-lane-wave" viewBox={`0 0 ${Math.max(1, count)} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" data-lane={lane % 3}>
      <path d={rest} className="x-wave-rest" />
      <path d={said} className="x-wave-said" />
    </svg>
  );
}

function Ticks({ at, duration, kind }: { at: readonly number[]; duration: number; kind: string }) {
  if (at.length === 0) return null;
  return (
    <svg className="x-ticks" data-kind={kind} viewBox="0 0 1000 4" preserveAspectRatio="none" aria-hidden="true">
      {at.map((time, i) => (
        <rect key={i} x={(time / duration) * 1000} width={2} height={4} />
      ))}
    </svg>
  );
}
