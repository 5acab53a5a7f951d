import { useEffect, useMemo, useRef, useState } from "react";
import { doubtfulWords, segmentAt, type Segment, type Transcript, type Word } from "@core/transcripts";
import { Button } from "../../Button";
import { EmptyState } from "../../states";
import { announce } from "../../announce";
import { useKeys } from "../keys";
import { useStaff } from "../words";
import { PlayerBar, SKIP_SECONDS } from "./PlayerBar";
import { Sentence } from "./Sentence";
import { usePlayer, type Playback } from "../../voice/usePlayer";
import "./transcript.css";

export interface TranscriptViewProps {
  /** Names the recording, for the player and the list. */
  label: string;
  audio: string;
  duration: number | null;
  /** Null while there is none: the recording can be heard all the same. */
  transcript: Transcript | null;
  /** The version to compare with; null compares nothing. */
  compareWith?: Transcript | null;
  onCorrect?: (segment: Segment, text: string) => Promise<void>;
}

/** A recording and its text: each sentence plays where it was said, and the sentence being heard is marked. */
export function TranscriptView({ label, audio, duration, transcript, compareWith = null, onCorrect }: TranscriptViewProps) {
  const t = useStaff();
  const player = usePlayer(duration);
  const { playback } = player;
  const segments = useMemo(() => transcript?.segments ?? [], [transcript]);
  const current = useCurrent(playback, segments);
  const list = useRef<HTMLOListElement>(null);
  const follow = useFollow(list, current, player.playing);
  const [reached, setReached] = useState(0);
  const doubts = useMemo(() => doubtfulWords(segments), [segments]);
  const [stopped, setStopped] = useState<Word | null>(null);
  const nextDoubt = () => {
    const after = doubts.findIndex(({ word }) => word === stopped) + 1;
    const found = doubts[after % Math.max(1, doubts.length)];
    if (!found) return announce(t("st.transcript.noDoubts"));
    setStopped(found.word);
    setReached(found.segment);
    playback.seek(found.word.start);
    sentenceAt(list.current, found.segment)?.focus();
    announce(t("st.transcript.doubtSaid", { word: found.word.text, number: after % doubts.length === 0 ? 1 : after + 1, total: doubts.length }));
  };
  useKeys({
    "Ctrl+Space": playback.toggle,
    "Alt+ArrowLeft": () => playback.skip(-SKIP_SECONDS),
    "Alt+ArrowRight": () => playback.skip(SKIP_SECONDS),
    "Alt+KeyL": nextDoubt,
  });
  const before = useMemo(() => new Map(compareWith?.segments.map((one) => [one.id, one.text])), [compareWith]);
  return (
    <div className="x-transcript">
      <PlayerBar player={player} src={audio} label={label} />
      {segments.length > 0 && (
        <div className="row x-transcript-tools">
          <Button size="small" onClick={nextDoubt} disabled={doubts.length === 0} aria-keyshortcuts="Alt+L" data-testid="d.transcript.nextDoubt">
            {t("st.transcript.nextDoubt", { count: doubts.length })}
          </Button>
          {follow.away && (
            <Button size="small" onClick={follow.resume} data-testid="d.transcript.follow">
              {t("st.transcript.follow")}
            </Button>
          )}
        </div>
      )}
      {transcript && segments.length === 0 && <EmptyState title={t("st.transcript.empty")} />}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrows walk between the buttons inside */}
      <ol ref={list} className="x-sentences" aria-label={label} data-region="button[tabindex='0']" onKeyDown={(event) => walk(event, setReached)} onWheel={follow.leave} onTouchMove={follow.leave}>
        {segments.map((segment, i) => (
          <Sentence
            key={`${transcript?.version ?? 0}-${segment.id}`}
            segment={segment}
            current={i === current}
            reachable={i === Math.min(reached, segments.length - 1)}
            stopped={stopped}
            before={differs(before.get(segment.id), segment.text)}
            onHear={(one) => {
              setReached(i);
              follow.resume();
              playback.playFrom(one.start);
            }}
            onCorrect={onCorrect}
          />
        ))}
      </ol>
    </div>
  );
}

const differs = (before: string | undefined, after: string): string | null => (before === undefined || before === after ? null : before);

const sentences = (list: HTMLElement | null) => [...(list?.querySelectorAll<HTMLElement>(".x-sentence-text") ?? [])];
const sentenceAt = (list: HTMLElement | null, index: number) => sentences(list)[index];

/** Arrow keys, Home and End go from sentence to sentence. */
function walk(event: React.KeyboardEvent<HTMLElement>, reach: (index: number) => void): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target instanceof HTMLTextAreaElement) return;
  const all = sentences(event.currentTarget);
  const here = all.findIndex((one) => one.parentElement?.contains(document.activeElement));
  const to = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: all.length - 1 }[event.key];
  const target = to === undefined ? undefined : all[to];
  if (!target || to === undefined) return;
  event.preventDefault();
  reach(to);
  target.focus();
}

/** The index of the sentence that is heard; asked at every frame, drawn only when it changes. */
function useCurrent({ onFrame }: Playback, segments: readonly Segment[]): number {
  const [current, setCurrent] = useState(-1);
  useEffect(() => onFrame((time) => setCurrent(time > 0 ? segmentAt(segments, time) : -1)), [onFrame, segments]);
  return current;
}

/** Keeps the sentence in view while it plays, until the reader scrolls away. */
function useFollow(list: React.RefObject<HTMLElement | null>, current: number, playing: boolean) {
  const [away, setAway] = useState(false);
  useEffect(() => {
    if (playing && !away) sentenceAt(list.current, current)?.scrollIntoView({ block: "nearest" });
  }, [list, current, playing, away]);
  return { away: away && playing, leave: () => setAway(true), resume: () => setAway(false) };
}
