import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { doubtfulWords, type Segment, type Word } from "@core/transcripts";
import { announce } from "../../announce";
import { useStaff } from "../words";

export interface Doubts {
  all: readonly { segment: number; index: number; word: Word }[];
  /** The doubtful word under review. */
  stopped: { segment: number; index: number } | null;
  next: () => void;
  /** The word was settled, or left alone; `again`: go on to the next one. */
  settled: (again: boolean) => void;
}

/** Walks from one doubtful word to the next, round and round. `onStop` is told where. */
export function useDoubts(segments: readonly Segment[], onStop: (segment: number, word: Word) => void): Doubts {
  const t = useStaff();
  const all = useMemo(() => doubtfulWords(segments), [segments]);
  const [stopped, setStopped] = useState<Doubts["stopped"]>(null);
  const next = () => {
    const after = stopped ? all.findIndex((one) => one.segment > stopped.segment || (one.segment === stopped.segment && one.index > stopped.index)) : 0;
    const number = Math.max(0, after);
    const found = all[number];
    setStopped(found ?? null);
    if (!found) return announce(t("st.transcript.noDoubts"));
    onStop(found.segment, found.word);
    announce(t("st.transcript.doubtSaid", { word: found.word.text, number: number + 1, total: all.length }));
  };
  const latest = useRef(next);
  useEffect(() => {
    latest.current = next;
  });
  // The word that was settled is a doubt no more only once its line was drawn again.
  const [goOn, setGoOn] = useState(0);
  useEffect(() => {
    if (goOn > 0) latest.current();
  }, [goOn]);
  const settled = useCallback((again: boolean) => {
    if (again) setGoOn((count) => count + 1);
    else setStopped(null);
  }, []);
  return { all, stopped, next: () => latest.current(), settled };
}
