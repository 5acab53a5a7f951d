import { api, take } from "./api";
import { wordDiff } from "./diff";
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
export const searchCalls = (patient_id: string, query: string, after: string | null) =>
  take(api.POST("/api/charts/{patient_id}/transcripts/search", { params: { path: { patient_id } }, body: { query, after } }));
export const signOff = (recording_id: string, body: Schemas["SignOffForm"]) =>
  take(api.POST("/api/recordings/{recording_id}/transcript/sign-off", { params: { path: { recording_id } }, body }));

/** Below this the machine is not sure of a word. */
export const DOUBTFUL = 0.6;

export const isDoubtful = (word: Word): boolean => word.confidence < DOUBTFUL;

/** Whether a word is the last of those that together may have been the name of a medicine. */
export function endsTerm(words: readonly Word[], word: Word): boolean {
  return Boolean(word.term) && words[words.indexOf(word) + 1]?.term !== word.term;
}

/** The medicine that the word at `index` may have been by itself, without its neighbours. */
export function loneTerm(words: readonly Word[], index: number): string | null {
  const term = words[index]?.term ?? null;
  return [index - 1, index + 1].some((beside) => term !== null && words[beside]?.term === term) ? null : term;
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

/** The end of the word, or of the line, that is heard at `time`. */
export function endAt(segments: readonly Segment[], time: number): number {
  const line = segments[segmentAt(segments, time)];
  const word = line?.words.findLast((one) => one.start <= time);
  return Math.max(time, (word && word.end > time ? word.end : line?.end) ?? time);
}

/** Part of a line. `word`: the word that it is, at place `index` of the line's words; null (-1) where a person wrote otherwise, or between
 * words. `at`: the second to play it from. */
export interface Piece {
  text: string;
  word: Word | null;
  index: number;
  at: number;
}

/** A line's text as words and what stands between them. Words that the text no longer says are left out. */
export function spokenPieces({ text, words, start }: Pick<Segment, "text" | "words" | "start">): Piece[] {
  const pieces: Piece[] = [];
  let [from, at] = [0, start];
  const between = (until: number) => {
    if (until > from) pieces.push({ text: text.slice(from, until), word: null, index: -1, at });
  };
  for (const { index, begin, end } of placesOf(words, text)) {
    const word = words[index];
    if (!word) continue;
    between(begin);
    pieces.push({ text: text.slice(begin, end), word, index, at: word.start });
    [from, at] = [end, word.end];
  }
  between(text.length);
  return pieces;
}

interface Place {
  index: number;
  begin: number;
  end: number;
}

/** Where in a text each word stands; what was changed or taken out is not there. */
function placesOf(words: readonly Word[], text: string): Place[] {
  const places: Place[] = [];
  let from = 0;
  for (const [index, word] of words.entries()) {
    const said = word.text.trim();
    if (said === "") continue;
    const begin = text.indexOf(said, from);
    // Only spaces may stand between the words that were heard.
    if (begin < 0 || text.slice(from, begin).trim() !== "") return changedPlaces(words, text);
    from = begin + said.length;
    places.push({ index, begin, end: from });
  }
  return places;
}

function changedPlaces(words: readonly Word[], text: string): Place[] {
  const kept = keptCharacters(words.map((word) => word.text).join(""), text);
  const places: Place[] = [];
  let position = 0;
  for (const [index, { text: whole }] of words.entries()) {
    const said = whole.trim();
    const first = kept.get(position + whole.indexOf(said));
    const last = kept.get(position + whole.indexOf(said) + said.length - 1);
    position += whole.length;
    if (said !== "" && first !== undefined && last === first + said.length - 1) places.push({ index, begin: first, end: last + 1 });
  }
  return places;
}

/** Place before -> place after, of every character that a change of text kept. */
function keptCharacters(before: string, after: string): Map<number, number> {
  const kept = new Map<number, number>();
  let [i, j] = [0, 0];
  for (const { kind, text } of wordDiff(before, after)) {
    if (kind === "same") for (let k = 0; k < text.length; k++) kept.set(i + k, j + k);
    if (kind !== "added") i += text.length;
    if (kind !== "removed") j += text.length;
  }
  return kept;
}

/** Every doubtful word of a transcript in the order of time: which segment, and which of its words. */
export function doubtfulWords(segments: readonly Segment[]): { segment: number; index: number; word: Word }[] {
  return segments.flatMap((line, segment) =>
    spokenPieces(line).flatMap(({ word, index }) => (word && isDoubtful(word) ? [{ segment, index, word }] : [])),
  );
}
