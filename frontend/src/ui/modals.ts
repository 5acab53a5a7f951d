import { Emitter } from "@core/emitter";

/** The modal dialogs that are open, the topmost last: whatever stands outside that one is neither seen before it, nor pressed, nor heard. */
let open: readonly HTMLDialogElement[] = [];
const changed = new Emitter<undefined>();

function change(next: readonly HTMLDialogElement[]): void {
  open = next;
  changed.emit(undefined);
}

/** To be called when a dialog opens; returns what is to be called when it closes. */
export function enterModal(dialog: HTMLDialogElement): () => void {
  change([...open, dialog]);
  return () => change(open.filter((one) => one !== dialog));
}

export const topModal = () => open.at(-1);
export const onModals = (listener: () => void) => changed.add(listener);
