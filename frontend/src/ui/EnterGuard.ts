/** Decides what an Enter in a composer means, for people who type Chinese.
 *
 * While a composition runs, Enter only picks the candidate. Safari ends the composition first and then sends the same
 * Enter with keyCode 229; such an Enter is ignored too, but only within 100 ms, so that a later Enter always counts. */
const AFTER_COMPOSITION_MS = 100;

export interface EnterKey {
  key: string;
  isComposing: boolean;
  keyCode: number;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

export class EnterGuard {
  private composing = false;
  private endedAt = Number.NEGATIVE_INFINITY;
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  compositionStart(): void {
    this.composing = true;
  }

  compositionEnd(): void {
    this.composing = false;
    this.endedAt = this.now();
  }

  /** "send", "newline" (leave it to the browser) or "ignore" (leave it to the input method). */
  meaning(key: EnterKey, enterSends: boolean): "send" | "newline" | "ignore" {
    if (key.key !== "Enter") return "newline";
    if (this.composing || key.isComposing) return "ignore";
    if (key.keyCode === 229 && this.now() - this.endedAt < AFTER_COMPOSITION_MS) return "ignore";
    if (key.ctrlKey || key.metaKey) return "send";
    if (key.shiftKey || key.altKey) return "newline";
    return enterSends ? "send" : "newline";
  }
}
