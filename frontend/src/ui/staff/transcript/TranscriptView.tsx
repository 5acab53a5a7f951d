import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { TriangleAlert } from "lucide-react";
import type { Marker, Peaks } from "@core/recordings";
import { isDoubtful, segmentAt, type Segment, type Transcript } from "@core/transcripts";
import { Button } from "../../Button";
import { EmptyState } from "../../states";
import { useKeys } from "../keys";
import { useStaff } from "../words";
import { Lanes } from "./Lanes";
import { PlayerBar, SKIP_SECONDS, SPEEDS } from "./PlayerBar";
import { Sentence, type ReviewActs } from "./Sentence";
import { useDoubts, type Doubts } from "./useDoubts";
import { useLoop } from "./useLoop";
import { useRisks, type Risks } from "./useRisks";
import { usePlayer, type Playback, type Player } from "../../voice/usePlayer";
import "./transcript.css";

export interface TranscriptViewProps {
  /** Names the recording, for the player and the list. */
  label: string;
  audio: string;
  duration: number | null;
  /** Null while there is none: the recording can be heard all the same. */
  transcript: Pick<Transcript, "version" | "segments"> | null;
  /** The version to compare with; null compares nothing. */
  compareWith?: Transcript | null;
  peaks?: Peaks | undefined;
  markers?: readonly Marker[];
  acts?: ReviewActs | undefined;
  /** The second to begin at. */
  startAt?: number;
}

/** A recording and its text: each word plays where it was said, and the sentence being heard is marked. */
export function TranscriptView({ label, audio, duration, transcript, compareWith = null, peaks, markers = NONE, acts, startAt = 0 }: TranscriptViewProps) {
  const t = useStaff();
  const player = usePlayer(duration);
  const { playback } = player;
  const segments: readonly Segment[] = transcript?.segments ?? NONE;
  const current = useCurrent(playback, segments);
  useEffect(() => {
    if (startAt > 0) playback.seek(startAt);
  }, [playback, startAt]);
  const list = useRef<HTMLOListElement>(null);
  const follow = useFollow(list, current, player.playing);
  const [reached, setReached] = useState(0);
  const doubts = useDoubts(segments, (line, word) => {
    setReached(line);
    playback.seek(word.start);
    const sentence = sentenceAt(list.current, line);
    sentence?.scrollIntoView({ block: "nearest" });
    if (!acts) sentence?.focus();
  });
  usePlayerKeys(player);
  const { before, edited } = useBefore(compareWith, segments);
  const { resume } = follow;
  const loop = useLoop(player, segments);
  const { heard } = loop;
  const risks = useRisks(segments, player, (line) => {
    setReached(line);
    sentenceAt(list.current, line)?.focus();
  });
  const here = () => segments[doubts.stopped?.segment ?? lineOf(document.activeElement, segments) ?? Math.max(0, current)];
  const onLine = (act: (line: Segment) => void) => {
    const line = here();
    if (line) act(line);
  };
  useKeys({
    "Alt+KeyL": doubts.next,
    "Alt+KeyO": () => loop.toggle(here()),
    "Alt+KeyS": () => onLine((line) => acts?.chooseSpeaker(line)),
    "Alt+KeyW": risks.next,
    "Ctrl+Enter": () => onLine((line) => acts && acceptAll(acts, line)),
  });
  const hear = useCallback(
    (line: Segment, at: number) => {
      setReached(segments.indexOf(line));
      resume();
      heard(at);
      playback.playFrom(at);
    },
    [segments, resume, heard, playback],
  );
  return (
    <div className="x-transcript">
      <PlayerBar player={player} src={audio} label={label} onLoop={() => loop.toggle(here())} />
      <Lanes player={player} segments={segments} peaks={peaks} markers={markers} doubts={doubts.all} risks={risks.all.map(({ at }) => at)} edited={edited} />
      {segments.length > 0 && <Tools doubts={doubts} risks={risks} follow={follow} />}
      {transcript && segments.length === 0 && <EmptyState title={t("st.transcript.empty")} />}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrows walk between the buttons inside */}
      <ol ref={list} className="x-sentences" aria-label={label} data-region="button[tabindex='0']" onKeyDown={(event) => walk(event, setReached)} onWheel={follow.leave} onTouchMove={follow.leave}>
        {segments.map((segment, i) => (
          <Sentence
            key={`${transcript?.version ?? 0}-${segment.id}`}
            segment={segment}
            current={i === current}
            reachable={i === Math.min(reached, segments.length - 1)}
            stopped={doubts.stopped?.segment === i ? doubts.stopped.index : -1}
            before={differs(before.get(segment.id), segment.text)}
            risk={risks.saidIn(i)}
            onHear={hear}
            onLoop={loop.to}
            acts={acts}
            onSettled={doubts.settled}
          />
        ))}
      </ol>
    </div>
  );
}

interface ToolsProps {
  doubts: Doubts;
  risks: Risks;
  follow: { away: boolean; resume: () => void };
}

/** Ways to what needs an ear, and back to what is heard. */
function Tools({ doubts, risks, follow }: ToolsProps) {
  const t = useStaff();
  return (
    <div className="row x-transcript-tools">
      <Button size="small" onClick={doubts.next} disabled={doubts.all.length === 0} aria-keyshortcuts="Alt+L" data-testid="d.transcript.nextDoubt">
        {t("st.transcript.nextDoubt", { count: doubts.all.length })}
      </Button>
      {risks.all.length > 0 && (
        <Button size="small" icon={TriangleAlert} onClick={risks.next} aria-keyshortcuts="Alt+W" data-testid="d.transcript.nextRisk">
          {t("st.risk.next", { count: risks.all.length })}
        </Button>
      )}
      {follow.away && (
        <Button size="small" onClick={follow.resume} data-testid="d.transcript.follow">
          {t("st.transcript.follow")}
        </Button>
      )}
    </div>
  );
}

const NONE: readonly never[] = [];

/** What each line said in the version compared with, and which lines say something else now. */
function useBefore(compareWith: Transcript | null, segments: readonly Segment[]) {
  const before = useMemo(() => new Map(compareWith?.segments.map((one) => [one.id, one.text])), [compareWith]);
  const edited = useMemo(() => segments.filter((one) => differs(before.get(one.id), one.text) !== null), [segments, before]);
  return { before, edited };
}

const differs = (before: string | undefined, after: string): string | null => (before === undefined || before === after ? null : before);

function acceptAll(acts: ReviewActs, line: Segment): void {
  acts.accept(line, [...line.words.keys()].filter((i) => line.words[i] && isDoubtful(line.words[i]))); // prettier-ignore
}

const sentences = (list: HTMLElement | null) => [...(list?.querySelectorAll<HTMLElement>(".x-sentence-text") ?? [])];
const sentenceAt = (list: HTMLElement | null, index: number) => sentences(list)[index];

/** Which line an element stands in. */
function lineOf(element: Element | null, segments: readonly Segment[]): number | null {
  const id = element?.closest<HTMLElement>(".x-sentence")?.dataset.id;
  const found = segments.findIndex((line) => String(line.id) === id);
  return found < 0 ? null : found;
}

/** Arrow keys, Home and End go from sentence to sentence. */
function walk(event: React.KeyboardEvent<HTMLElement>, reach: (index: number) => void): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement) return;
  const all = sentences(event.currentTarget);
  const here = all.findIndex((one) => one.parentElement?.contains(document.activeElement));
  const to = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: all.length - 1 }[event.key];
  const target = to === undefined ? undefined : all[to];
  if (!target || to === undefined) return;
  event.preventDefault();
  reach(to);
  target.focus();
}

/** The keys of the player, wherever one is. */
function usePlayerKeys({ playback, speed }: Player): void {
  const pace = (steps: number) => {
    const next = SPEEDS[SPEEDS.findIndex((one) => one === speed) + steps];
    if (next !== undefined) playback.setSpeed(next);
  };
  useKeys({
    "Ctrl+Space": playback.toggle,
    "Alt+ArrowLeft": () => playback.skip(-SKIP_SECONDS),
    "Alt+ArrowRight": () => playback.skip(SKIP_SECONDS),
    "Alt+Comma": () => pace(-1),
    "Alt+Period": () => pace(1),
  });
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
    if (!away && current >= 0 && (playing || !list.current?.contains(document.activeElement))) sentenceAt(list.current, current)?.scrollIntoView({ block: "nearest" });
  }, [list, current, playing, away]);
  const resume = useCallback(() => setAway(false), []);
  return { away: away && playing, leave: () => setAway(true), resume };
}
