import { useEffect, useRef } from "react";

/** Key combinations by `KeyboardEvent.code`, such as "Alt+KeyR" or "Ctrl+Slash" (Ctrl is Command on a Mac).
 * Every global one has a modifier or is a function key: single letters belong to those who dictate (WCAG 2.1.4). */
export type Bindings = Readonly<Record<string, (event: KeyboardEvent) => void>>;

export function comboOf(event: Pick<KeyboardEvent, "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "code">): string {
  const parts = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.shiftKey ? "Shift" : "", event.code];
  return parts.filter(Boolean).join("+");
}

const isTyping = ({ target }: KeyboardEvent): boolean => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

/** Global keys of a page. They rest while a dialog is open, and, unless `typing`, in fields that have such keys of their own. */
export function useKeys(bindings: Bindings, typing = true): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const run = latest.current[comboOf(event)];
      if (!run || event.defaultPrevented || document.querySelector("dialog[open]") || (!typing && isTyping(event))) return;
      event.preventDefault();
      run(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [typing]);
}
