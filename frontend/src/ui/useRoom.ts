import { useEffect, type RefObject } from "react";

/** Keeps the height of what lies over an edge of the page in a CSS variable of the document while it is `on`: it depends on the size of
 * type. */
export function useRoom(name: `--${string}`, of: RefObject<HTMLElement | null>, on: boolean): void {
  useEffect(() => {
    const drawn = of.current;
    if (!drawn || !on) return;
    const { style } = document.documentElement;
    const watch = new ResizeObserver(() => style.setProperty(name, `${drawn.offsetHeight}px`));
    watch.observe(drawn);
    return () => {
      watch.disconnect();
      style.removeProperty(name);
    };
  }, [name, of, on]);
}
