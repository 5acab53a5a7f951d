import { useSyncExternalStore } from "react";
import { Emitter } from "@core/emitter";
import { playTime } from "@core/format";

/** A moment that a clinician marked, in seconds since the call was answered. */
export interface Mark {
  at: number;
  note: string;
}

const KEY = "xinqiao.marks";
const NONE: readonly Mark[] = [];
const changes = new Emitter<undefined>();
let kept: { call: string | null; marks: readonly Mark[] } = read();

/** Of one call at a time; a reload keeps them. */
function read(): { call: string | null; marks: readonly Mark[] } {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "") as { call: string; marks: readonly Mark[] };
  } catch {
    return { call: null, marks: NONE };
  }
}

export function writeMarks(call: string, marks: readonly Mark[]): void {
  kept = { call, marks };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // They still last as long as this page.
  }
  changes.emit(undefined);
}

/** The marks of a call, and all of them as lines to take along. */
export function useMarks(call: string | null): { marks: readonly Mark[]; text: string } {
  const now = useSyncExternalStore((listener) => changes.add(listener), () => kept);
  const marks = call !== null && now.call === call ? now.marks : NONE;
  return { marks, text: marks.map(({ at, note }) => `${playTime(at)} ${note}`.trim()).join("\n") };
}
