const FLAG = "xinqiao.takes";

/** Whether a page of this browser may have left something of a recording: asked by every page, before it loads what sends it. */
export function mayHaveTakes(): boolean {
  try {
    return localStorage.getItem(FLAG) !== null;
  } catch {
    return false;
  }
}

export function noteTakes(some: boolean): void {
  try {
    if (some) localStorage.setItem(FLAG, "1");
    else localStorage.removeItem(FLAG);
  } catch {
    // Without storage nothing is kept either.
  }
}
