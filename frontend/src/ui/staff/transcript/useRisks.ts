import { useMemo } from "react";
import { risksIn, type Risk } from "@core/risks";
import type { Segment } from "@core/transcripts";
import type { Player } from "../../voice/usePlayer";

export interface Risks {
  all: readonly Risk[];
  /** What a line says of them; "" for nothing. */
  saidIn: (line: number) => string;
  /** Goes on to the one after what is heard, round and round. */
  next: () => void;
}

/** Words that may speak of an emergency. `onStop` is told in which line. */
export function useRisks(segments: readonly Segment[], { playback, time }: Player, onStop: (line: number) => void): Risks {
  const all = useMemo(() => risksIn(segments), [segments]);
  const saidIn = (line: number) => all.flatMap(({ segment, said }) => (segment === line ? [said] : [])).join(" · ");
  const next = () => {
    const found = all.find(({ at }) => at > time + 0.05) ?? all[0];
    if (!found) return;
    playback.seek(found.at);
    onStop(found.segment);
  };
  return { all, saidIn, next };
}
