import { useEffect, useRef, useState } from "react";
import { Button } from "../Button";
import { languageOf } from "../names";
import "./long.css";

/** Somebody's own words: five lines, and a button that gives the rest where there is more. `more` and `less` name it. */
export function LongWords({ text, more, less }: { text: string; more: string; less: string }) {
  const words = useRef<HTMLParagraphElement>(null);
  const [open, setOpen] = useState(false);
  const [cut, setCut] = useState(false);
  useEffect(() => {
    const drawn = words.current;
    if (!drawn || open) return;
    const watch = new ResizeObserver(() => setCut(drawn.scrollHeight > drawn.clientHeight + 1));
    watch.observe(drawn);
    return () => watch.disconnect();
  }, [open, text]);
  return (
    <>
      <p ref={words} className="own-words x-long" data-open={open} lang={languageOf(text)} data-testid="x.long">
        {text}
      </p>
      {cut && (
        <Button size="small" variant="quiet" className="x-long-more" aria-expanded={open} onClick={() => setOpen(!open)} data-testid="x.long.more">
          {open ? less : more}
        </Button>
      )}
    </>
  );
}
