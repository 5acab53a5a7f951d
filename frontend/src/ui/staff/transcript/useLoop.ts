import { useCallback, useRef } from "react";
import { endAt, type Segment } from "@core/transcripts";
import type { Player } from "../../voice/usePlayer";

/** What is played again and again where there are no lines. */
const NO_LINE_S = 10;
const INSIDE_S = 0.01;

/** Plays a sentence, or from what was heard last to another word, again and again. */
export function useLoop({ playback, loop, time }: Player, segments: readonly Segment[]) {
  const last = useRef<number | null>(null);
  const play = useCallback(
    (one: number, other: number) => {
      const from = Math.min(one, other);
      playback.setLoop({ from, to: endAt(segments, Math.max(one, other)) });
      playback.playFrom(from);
    },
    [segments, playback],
  );
  const to = useCallback((line: Segment, at: number) => play(last.current ?? line.start, at), [play]);
  const heard = useCallback((at: number) => void (last.current = at), []);
  const toggle = (line: Segment | undefined) => {
    if (loop) playback.setLoop(null);
    else if (line) play(line.start, line.end - INSIDE_S);
    else play(time, time + NO_LINE_S);
  };
  return { heard, to, toggle };
}
