import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";

const NEAR_PX = 48;

interface Scrolled {
  /** Keys of what is drawn, oldest first; `counts` says which of them are somebody else's messages. */
  keys: readonly string[];
  counts: (key: string) => boolean;
  /** Of something of one's own that is on its way: it is always brought into view. */
  ownLast: boolean;
}

/** Opens a log at its first unread line, stays at the newest message while the reader is there, and otherwise keeps what is
 * being read where it is, whatever is added above, below or grows (G-R4). */
export function useLogScroll(ref: React.RefObject<HTMLDivElement | null>, { keys, counts, ownLast }: Scrolled) {
  const place = useRef({ opened: false, atBottom: true, scrollTop: 0, anchor: null as Element | null, top: 0, last: "" });
  const [unseen, setUnseen] = useState(0);
  const [far, setFar] = useState(false);

  const remember = () => {
    const box = ref.current;
    if (!box) return;
    const now = place.current;
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    // A picture or a part that comes late moves the end away before anything can follow it: only who scrolls back leaves it.
    now.atBottom = below < NEAR_PX || (now.atBottom && box.scrollTop >= now.scrollTop);
    now.scrollTop = box.scrollTop;
    now.anchor = firstVisible(box);
    now.top = now.anchor ? now.anchor.getBoundingClientRect().top : 0;
    if (now.atBottom) setUnseen(0);
    setFar(!now.atBottom && below > 1.5 * box.clientHeight);
  };
  const settle = () => {
    const box = ref.current;
    const { atBottom, anchor, top } = place.current;
    if (!box) return;
    if (atBottom) box.scrollTop = box.scrollHeight;
    else if (anchor?.isConnected) box.scrollTop += anchor.getBoundingClientRect().top - top;
    remember();
  };
  const last = keys.at(-1) ?? "";
  const drawn = useEffectEvent(() => {
    const box = ref.current;
    const now = place.current;
    if (!box || keys.length === 0) return;
    // What was last may be gone (called back): then nothing has come after it.
    const arrived = keys.includes(now.last) ? keys.slice(keys.lastIndexOf(now.last) + 1) : [];
    now.last = last;
    if (!now.opened) {
      Object.assign(now, { opened: true, atBottom: false });
      const below = openAtUnread(box);
      remember();
      if (!place.current.atBottom) setUnseen(below);
      return;
    }
    if (arrived.length > 0 && ownLast) now.atBottom = true;
    settle();
    const others = arrived.filter(counts).length;
    if (!place.current.atBottom && others > 0) setUnseen((count) => count + others);
  });
  useLayoutEffect(() => drawn(), [keys, last]);
  const moved = useEffectEvent(settle);
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    // The keyboard of a phone, a strip, a growing composer, a picture that has come.
    const observer = new ResizeObserver(() => moved());
    for (const one of [box, ...box.children]) observer.observe(one);
    return () => observer.disconnect();
  }, [ref]);
  const toBottom = () => {
    const box = ref.current;
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    remember();
    box.focus();
  };
  return { unseen, far, toBottom, onScroll: remember };
}

/** Puts the line over the first unread message at the top of the view, or the newest message at the bottom. Returns how many
 * messages are below the view. */
function openAtUnread(box: HTMLElement): number {
  box.scrollTop = box.scrollHeight;
  const line = box.querySelector("[data-unread-line]");
  if (!line) return 0;
  const over = box.getBoundingClientRect().top - line.getBoundingClientRect().top;
  if (over > 0) box.scrollTop -= over + 8;
  const bottom = box.getBoundingClientRect().bottom;
  return [...box.querySelectorAll(".x-msg[data-own='false']")].filter((one) => one.getBoundingClientRect().top > bottom).length;
}

/** The first row that is at least partly in view; rows stand in order, so halving finds it. */
function firstVisible(box: HTMLElement): Element | null {
  const rows = box.querySelector("ol")?.children;
  if (!rows?.length) return null;
  const top = box.getBoundingClientRect().top;
  let [low, high] = [0, rows.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) > top) high = middle;
    else low = middle + 1;
  }
  return rows[low] ?? null;
}
