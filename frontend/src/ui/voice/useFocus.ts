import { useEffect, useRef } from "react";

/** Puts the focus on the row's main button when it appears: the button that was pressed is gone. */
export function useFocus<Element extends HTMLElement>(): React.RefObject<Element | null> {
  const ref = useRef<Element>(null);
  useEffect(() => {
    const first = ref.current?.querySelector<HTMLElement>("[data-first]") ?? ref.current?.querySelector("button");
    first?.focus();
  }, []);
  return ref;
}
