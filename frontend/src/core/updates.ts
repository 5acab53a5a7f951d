import { Emitter } from "./emitter";

const changes = new Emitter<undefined>();
let use: (() => void) | null = null;

/** Loads the newer version that this browser holds ready, or null while there is none. It is used at the next start anyway. */
export const readyUpdate = (): (() => void) | null => use;

export const onUpdate = (listener: () => void): (() => void) => changes.add(listener);

export function offerUpdate(take: () => void): void {
  use = take;
  changes.emit(undefined);
}
