import { database, type KeptClip } from "@core/db";
import { Emitter } from "@core/emitter";
import type { ChosenFile } from "../talk/files";
import { withLength } from "./webm";

/** A finished recording. `peaks`: its loudness over time, 0 to 100. */
export type Clip = Omit<KeptClip, "key">;

export const MAX_SECONDS = 180;
/** From here on the time that is left is said. */
export const WARN_SECONDS = 170;
export const PEAKS = 64;

/** Told of each place where a clip was put back. */
const returned = new Emitter<string>();

const keyOf = (owner: string, thread: string) => `${owner}:${thread}`;

export async function keptClip(owner: string, thread: string): Promise<Clip | null> {
  return (await (await database()).get("clips", keyOf(owner, thread))) ?? null;
}

export async function keepClip(owner: string, thread: string, clip: Clip): Promise<void> {
  await (await database()).put("clips", { ...clip, key: keyOf(owner, thread) });
}

/** A voice note that was called back before it went out is a recording again, where it was made. */
export async function takeBack(owner: string, thread: string, { blob, meta }: ChosenFile): Promise<void> {
  const { duration_s, peaks } = meta as Pick<Clip, "duration_s" | "peaks">;
  await keepClip(owner, thread, { parts: [blob], type: blob.type, duration_s, peaks });
  returned.emit(keyOf(owner, thread));
}

export function onTakenBack(owner: string, thread: string, listener: () => void): () => void {
  return returned.add((key) => {
    if (key === keyOf(owner, thread)) listener();
  });
}

export async function dropClip(owner: string, thread: string): Promise<void> {
  await (await database()).delete("clips", keyOf(owner, thread));
}

/** The clip as one file that a player can seek in, without the codec that only the recorder cares about. */
export function soundOf({ parts, type, duration_s }: Clip): Promise<Blob> {
  return withLength(new Blob([...parts], { type: type.split(";")[0] ?? "" }), duration_s);
}

/** The clip as it goes with a message. */
export async function asFile(clip: Clip): Promise<ChosenFile> {
  const blob = await soundOf(clip);
  const name = `voice.${blob.type.split("/")[1] ?? "webm"}`;
  return { field: "voice", blob, name, meta: { duration_s: Math.round(clip.duration_s * 10) / 10, peaks: clip.peaks } };
}

/** At most PEAKS values of equal shares of the time, each the loudest of its share; `levels` are 0..1. */
export function peaksOf(levels: readonly number[]): number[] {
  const count = Math.min(PEAKS, levels.length);
  return Array.from({ length: count }, (_, i) => {
    const share = levels.slice(Math.floor((i * levels.length) / count), Math.floor(((i + 1) * levels.length) / count));
    return Math.round(100 * Math.min(1, Math.max(0, ...share)));
  });
}
