import { api, take } from "./api";
import type { DraftServer } from "./draftBox";
import type { Socket } from "./socket";
import { spokenPieces, type Correction, type Segment } from "./transcripts";

/** What is changed in one line. `accepted`: places of doubtful words, in the version that is changed, that were heard and found right. */
export interface LineChange {
  text?: string;
  speaker?: string;
  accepted?: number[];
}

/** What somebody has begun to change in version `based_on`; `names` of the speakers, null while they are left alone. */
export interface Review {
  based_on: number;
  lines: Record<number, LineChange>;
  names: Record<string, string> | null;
}

export const untouched = (based_on: number): Review => ({ based_on, lines: {}, names: null });
export const isUntouched = ({ lines, names }: Review): boolean => names === null && Object.keys(lines).length === 0;

/** What is kept as a draft: nothing where nothing was changed. */
export const written = (review: Review): string => (isUntouched(review) ? "" : JSON.stringify(review));

/** A kept draft; `fallback` is the version to begin from where there is none, or it cannot be read. */
export function readReview(text: string, fallback: number): Review {
  if (text === "") return untouched(fallback);
  try {
    const { based_on, lines, names } = JSON.parse(text) as Partial<Review>;
    return { based_on: based_on ?? fallback, lines: lines ?? {}, names: names ?? null };
  } catch {
    return untouched(fallback);
  }
}

/** The lines as they read with the changes; a line that is not changed is the same object. */
export function reviewed(segments: readonly Segment[], { lines, names }: Review): Segment[] {
  return segments.map((line) => {
    const change = lines[line.id];
    const speaker = change?.speaker ?? line.speaker;
    const name = names ? (names[speaker] ?? null) : speaker === line.speaker ? line.speaker_name : nameIn(segments, speaker);
    if (!change && name === line.speaker_name) return line;
    const accepted = new Set(change?.accepted);
    const words = line.words.map((word, i) => (accepted.has(i) ? { ...word, confidence: 1 } : word));
    return { ...line, text: change?.text ?? line.text, speaker, speaker_name: name, words };
  });
}

const nameIn = (segments: readonly Segment[], speaker: string) => segments.find((line) => line.speaker === speaker)?.speaker_name ?? null;

/** The speakers in the order in which they begin, with what they are called. */
export function speakersOf(segments: readonly Segment[]): { key: string; name: string | null; lines: number }[] {
  const found = new Map<string, { key: string; name: string | null; lines: number }>();
  for (const { speaker: key, speaker_name: name } of segments) {
    const known = found.get(key);
    if (known) known.lines++;
    else found.set(key, { key, name, lines: 1 });
  }
  return [...found.values()];
}

export function newSpeaker(segments: readonly Segment[]): string {
  const taken = new Set(segments.map((line) => line.speaker));
  let number = taken.size + 1;
  while (taken.has(`person-${number}`)) number++;
  return `person-${number}`;
}

type Change = (review: Review) => Review;

/** Sets what a line says; `base` is the line as the version has it. */
export const sayLine = (base: Segment, text: string): Change => (review) => changed(review, base, { text });

/** Sets who said these lines (as the version has them). */
export const speak = (bases: readonly Segment[], speaker: string): Change => (review) =>
  bases.reduce((found, base) => changed(found, base, { speaker }), review);

/** Takes the doubt from words of a line. */
export const accept = (base: Segment, words: readonly number[]): Change => (review) => {
  const accepted = [...new Set([...(review.lines[base.id]?.accepted ?? []), ...words])].sort((a, b) => a - b);
  return changed(review, base, { accepted });
};

/** Puts another word in the place of one; `now` is the line as it reads. */
export const replaceWord = (base: Segment, now: Segment, index: number, text: string): Change => {
  const whole = spokenPieces(now).map((piece) => (piece.index === index ? text : piece.text));
  return sayLine(base, whole.join("").trim());
};

/** Calls speakers by these names, all of them: `segments` as they read. */
export const rename = (segments: readonly Segment[], key: string, name: string): Change => (review) => {
  const names = Object.fromEntries(speakersOf(segments).flatMap((one) => (one.name ? [[one.key, one.name]] : [])));
  if (name.trim() === "") return { ...review, names: without(names, key) };
  return { ...review, names: { ...names, [key]: name.trim() } };
};

/** Every line of one speaker becomes the other's, and with `both` the other way round. `bases` and `now`: the same lines. */
export const pass = (bases: readonly Segment[], now: readonly Segment[], from: string, to: string, both: boolean): Change => (review) =>
  bases.reduce((found, base, i) => {
    const speaker = now[i]?.speaker;
    if (speaker === from) return changed(found, base, { speaker: to });
    return both && speaker === to ? changed(found, base, { speaker: from }) : found;
  }, review);

/** In which lines a text stands, and how often. */
export function occurrences(segments: readonly Segment[], text: string): number {
  return text === "" ? 0 : segments.reduce((sum, line) => sum + line.text.split(text).length - 1, 0);
}

export const replaceAll = (bases: readonly Segment[], now: readonly Segment[], find: string, text: string): Change => (review) =>
  bases.reduce((found, base, i) => {
    const line = now[i]?.text ?? "";
    const next = line.replaceAll(find, text).trim();
    return find === "" || !line.includes(find) || next === "" ? found : changed(found, base, { text: next });
  }, review);

/** The same changes on a newer version: its words have other places, so what was accepted there is not taken along. */
export function rebased({ lines, names }: Review, based_on: number): Review {
  const kept = Object.entries(lines).flatMap(([id, { text, speaker }]) => {
    const change = { ...(text !== undefined && { text }), ...(speaker !== undefined && { speaker }) };
    return Object.keys(change).length > 0 ? [[id, change]] : [];
  });
  return { based_on, lines: Object.fromEntries(kept) as Review["lines"], names };
}

/** What is sent to make it a version. */
export function correctionOf({ based_on, lines, names }: Review, client_id: string): Correction {
  const edits = Object.entries(lines).map(([id, change]) => ({ segment: Number(id), accepted: [], ...change }));
  return { client_id, based_on, edits, ...(names && { speakers: names }) };
}

/** A change that says what the version says is none. */
function changed(review: Review, base: Segment, part: LineChange): Review {
  const { text, speaker, accepted } = { ...review.lines[base.id], ...part };
  const change: LineChange = {
    ...(text !== undefined && text !== "" && text !== base.text && { text }),
    ...(speaker !== undefined && speaker !== base.speaker && { speaker }),
    ...(accepted && accepted.length > 0 && { accepted }),
  };
  const rest = without(review.lines, base.id);
  return { ...review, lines: Object.keys(change).length > 0 ? { ...rest, [base.id]: change } : rest };
}

function without<T>(record: Readonly<Record<string, T>>, key: string | number): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([one]) => one !== String(key)));
}

/** Where what is begun is kept at the server. */
export function reviewServer(recording_id: string, socket: Socket): DraftServer {
  const params = { path: { recording_id } };
  return {
    get: () => take(api.GET("/api/recordings/{recording_id}/transcript/draft", { params })),
    put: (text, version) => take(api.PUT("/api/recordings/{recording_id}/transcript/draft", { params, body: { text, version } })),
    onNews: (listener) => socket.on("welcome", () => listener(null)),
  };
}
