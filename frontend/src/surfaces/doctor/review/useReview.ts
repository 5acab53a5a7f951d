import { useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { clientIds } from "@core/ids";
import * as change from "@core/review";
import { readReview, rebased, reviewed, reviewServer, untouched, written, type Review } from "@core/review";
import { correctTranscript, getTranscript, type Segment, type Transcript } from "@core/transcripts";
import { toast } from "@ui/announce";
import { useLive } from "@ui/live";
import type { ReviewActs } from "@ui/staff/transcript/Sentence";
import { useDraft, type Draft } from "@ui/useDraft";
import { useReviewWords } from "./words";

export interface Reviewing {
  /** The newest version's lines, and as they read with what is changed. */
  bases: readonly Segment[];
  now: readonly Segment[];
  changed: boolean;
  draft: Draft;
  /** What is changed was begun on an older version. */
  outdated: boolean;
  /** Makes a change that can be taken back. */
  make: (change: (review: Review) => Review) => void;
  undo: (() => void) | null;
  redo: (() => void) | null;
  giveUp: () => void;
  /** Takes what was begun on an older version over to the newest. */
  takeOver: () => void;
  saving: { isPending: boolean; error: Error | null; save: () => void };
}

/** What this person changes in the newest version of a transcript: kept as it is typed, taken back and again, made a version at last. */
export function useReview(recording: string, newest: Transcript): Reviewing {
  const { session } = useLive();
  const draft = useDraft(session.person.id, recording, reviewServer);
  const review = useMemo(() => readReview(draft.text, newest.version), [draft.text, newest.version]);
  const outdated = review.based_on !== newest.version && draft.text !== "";
  const bases = newest.segments;
  const now = useMemo(() => (outdated ? bases : reviewed(bases, review)), [outdated, bases, review]);
  const steps = useSteps(draft);
  const saving = useSaving(recording, review, draft, steps.forget);
  const make = useLatest((one: (review: Review) => Review) => steps.go(written(one(review))));
  return {
    bases,
    now,
    changed: draft.text !== "",
    draft,
    outdated,
    make,
    undo: steps.undo,
    redo: steps.redo,
    giveUp: () => steps.go(written(untouched(newest.version))),
    takeOver: () => steps.go(written(rebased(review, newest.version))),
    saving: { ...saving, save: () => draft.text !== "" && !outdated && saving.mutate() },
  };
}

/** The acts of the list of sentences. They never change, so that a line is drawn again only when it does. */
export function useActs({ bases, now, make }: Reviewing, chooseSpeaker: (line: Segment) => void): ReviewActs {
  const baseOf = useLatest((line: Segment) => bases.find((one) => one.id === line.id) ?? line);
  const nowOf = useLatest((line: Segment) => now.find((one) => one.id === line.id) ?? line);
  const choose = useLatest(chooseSpeaker);
  return useMemo(
    () => ({
      accept: (line, words) => make(change.accept(baseOf(line), words)),
      replace: (line, index, text) => make(change.replaceWord(baseOf(line), nowOf(line), index, text)),
      say: (line, text) => make(change.sayLine(baseOf(line), text)),
      chooseSpeaker: choose,
    }),
    [make, baseOf, nowOf, choose],
  );
}

/** One function for the life of the page that always does what the newest drawing meant. */
function useLatest<A extends readonly unknown[], R>(run: (...args: A) => R): (...args: A) => R {
  const latest = useRef(run);
  useLayoutEffect(() => {
    latest.current = run;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}

/** The steps of this session; the draft is the present. */
function useSteps(draft: Draft) {
  const [past, setPast] = useState<readonly string[]>([]);
  const [future, setFuture] = useState<readonly string[]>([]);
  const before = past.at(-1);
  const next = future[0];
  return {
    go: (text: string) => {
      if (text === draft.text) return;
      setPast([...past, draft.text]);
      setFuture([]);
      draft.change(text);
    },
    undo:
      before === undefined
        ? null
        : () => {
            setPast(past.slice(0, -1));
            setFuture([draft.text, ...future]);
            draft.change(before);
          },
    redo:
      next === undefined
        ? null
        : () => {
            setPast([...past, draft.text]);
            setFuture(future.slice(1));
            draft.change(next);
          },
    forget: () => {
      setPast([]);
      setFuture([]);
    },
  };
}

/** Makes a version of it. */
function useSaving(recording: string, review: Review, draft: Draft, onSaved: () => void) {
  const t = useReviewWords();
  const queries = useQueryClient();
  const [idOf] = useState(clientIds);
  return useMutation({
    mutationFn: async () => {
      const { text } = draft;
      return { text, ...(await correctTranscript(recording, change.correctionOf(review, idOf(text)))) };
    },
    onSuccess: async ({ text, version }) => {
      // There before the page asks for it: the desk stays as it is, and plays on.
      await queries.query({ queryKey: ["transcript", recording, version], queryFn: () => getTranscript(recording, version), staleTime: Infinity }).catch(() => undefined);
      draft.sent(text);
      onSaved();
      toast(t("rv.saved", { version }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["recording", recording] }),
  });
}
