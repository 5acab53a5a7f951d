import { useEffect, useState, type RefObject } from "react";

/** Whether the focus is on an element or within it. */
export function useHere(ref: RefObject<HTMLElement | null>): boolean {
  const [here, setHere] = useState(false);
  useEffect(() => {
    const one = ref.current;
    const came = () => setHere(true);
    const left = ({ relatedTarget }: FocusEvent) => setHere(relatedTarget instanceof Node && Boolean(one?.contains(relatedTarget)));
    one?.addEventListener("focusin", came);
    one?.addEventListener("focusout", left);
    return () => {
      one?.removeEventListener("focusin", came);
      one?.removeEventListener("focusout", left);
    };
  }, [ref]);
  return here;
}
