const flagOf = (owner: string) => `xinqiao.takes.${owner}`;

/** Whether a page of this browser may have left something of this person's recordings: asked by every page, before it loads what sends it. */
export function mayHaveTakes(owner: string): boolean {
  try {
    return localStorage.getItem(flagOf(owner)) !== null;
  } catch {
    return false;
  }
}

export function noteTakes(owner: string, some: boolean): void {
  try {
    if (some) localStorage.setItem(flagOf(owner), "1");
    else localStorage.removeItem(flagOf(owner));
  } catch {
    // Without storage nothing is kept either.
  }
}
