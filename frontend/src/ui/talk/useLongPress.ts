import { useRef } from "react";

const LONG_MS = 500;
const MOVED_PX = 10;

/** A finger that rests on a message opens its actions; the button beside the message does the same. */
export function useLongPress(onLong: (article: HTMLElement) => void) {
  const press = useRef({ timer: 0, x: 0, y: 0, touch: false });
  const end = () => window.clearTimeout(press.current.timer);
  return {
    onPointerDown(event: React.PointerEvent) {
      end();
      const article = (event.target as Element).closest<HTMLElement>("article[data-seq]");
      const touch = event.pointerType === "touch";
      press.current = { timer: 0, x: event.clientX, y: event.clientY, touch };
      if (touch && article) press.current.timer = window.setTimeout(() => onLong(article), LONG_MS);
    },
    onPointerMove(event: React.PointerEvent) {
      const { x, y } = press.current;
      if (Math.hypot(event.clientX - x, event.clientY - y) > MOVED_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    onContextMenu(event: React.MouseEvent) {
      // The browser's own menu for a resting finger would lie over ours.
      if (press.current.touch && (event.target as Element).closest("article[data-seq]")) event.preventDefault();
    },
  };
}
