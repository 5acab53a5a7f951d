import { api, take } from "./api";
import type { Schemas } from "./protocol";

/** Times are seconds from the beginning of the recording; confidence is 0..1. */
export type Transcript = Awaited<ReturnType<typeof getTranscript>>;
export type Segment = Transcript["segments"][number];
export type Word = Segment["words"][number];
export type Correction = Schemas["Correction"];

export const getTranscript = (recording_id: string, version: number) =>
  take(api.GET("/api/recordings/{recording_id}/transcript", { params: { path: { recording_id }, query: { version } } }));
export const correctTranscript = (recording_id: string, body: Correction) =>
  take(api.POST("/api/recordings/{recording_id}/transcript/corrections", { params: { path: { recording_id } }, body }));

/** Below this the machine is not sure of a word. */
export const DOUBTFUL = 0.6;

export const isDoubtful = (word: Word): boolean => word.confidence < DOUBTFUL;

/** Whether a word is the last of those that together may have been the name of a medicine. */
export function endsTerm(words: readonly Word[], word: Word): boolean {
  return Boolean(word.term) && words[words.indexOf(word) + 1]?.term !== word.term;
}

/** The segment that is heard at `time`: the last one that has begun. -1 before the first. */
export function segmentAt(segments: readonly Segment[], time: number): number {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.start ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A segment's text as words and what stands between them, each word with its confidence when the text still says it.
 * A corrected text that no longer contains the words in order is one piece without confidence. */
export function spokenPieces({ text, words }: Pick<Segment, "text" | "words">): { text: string; word: Word | null }[] {
  const pieces: { text: string; word: Word | null }[] = [];
  let from = 0;
  for (const word of words) {
    const said = word.text.trim();
    if (said === "") continue;
    const at = text.indexOf(said, from);
    if (at < 0) return [{ text, word: null }];
    if (at > from) pieces.push({ text: text.slice(from, at), word: null });
    pieces.push({ text: said, word });
    from = at + said.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), word: null });
  return pieces;
}

/** Every doubtful word of a transcript in the order of time: [segment index, word]. */
export function doubtfulWords(segments: readonly Segment[]): { segment: number; word: Word }[] {
  return segments.flatMap((segment, index) =>
    spokenPieces(segment).flatMap(({ word }) => (word && isDoubtful(word) ? [{ segment: index, word }] : [])),
  );
}
