import { useSyncExternalStore } from "react";
import { Emitter } from "@core/emitter";

/** Which voice notes this person has played on this device. Ids only; the newest ones when there are many. */
const REMEMBERED = 500;
const changes = new Emitter<undefined>();
const known = new Map<string, readonly string[]>();

function heardBy(owner: string): readonly string[] {
  const found = known.get(owner);
  if (found) return found;
  let stored: readonly string[] = [];
  try {
    stored = JSON.parse(localStorage.getItem(`xinqiao.heard.${owner}`) ?? "[]") as string[];
  } catch {
    // Storage may be forbidden: then the marks hold for this page.
  }
  known.set(owner, stored);
  return stored;
}

export function markHeard(owner: string, id: string): void {
  const before = heardBy(owner);
  if (before.includes(id)) return;
  const after = [...before, id].slice(-REMEMBERED);
  known.set(owner, after);
  try {
    localStorage.setItem(`xinqiao.heard.${owner}`, JSON.stringify(after));
  } catch {
    // As above.
  }
  changes.emit(undefined);
}

export function useHeard(owner: string, id: string): boolean {
  return useSyncExternalStore((listener) => changes.add(listener), () => heardBy(owner)).includes(id);
}
