/** Gives the focus to what still stands where the control that had it is gone, once that is drawn. */
export const focusOn = (id: string): number => requestAnimationFrame(() => document.getElementById(id)?.focus());
