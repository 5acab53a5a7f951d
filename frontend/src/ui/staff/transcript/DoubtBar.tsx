import { useEffect, useRef, useState } from "react";
import { Check, Volume2 } from "lucide-react";
import type { Word } from "@core/transcripts";
import { Button } from "../../Button";
import { languageOf } from "../../names";
import { useStaff } from "../words";

export interface DoubtBarProps {
  word: Word;
  onHear: () => void;
  /** The name of a medicine that the word alone may have been. */
  term: string | null;
  /** The word as it should read; the same word means that it is right. */
  onSettle: (text: string) => void;
  onLeave: () => void;
}

/** The doubtful word under review: Enter says that it is right, or puts in what was typed over it. */
export function DoubtBar({ word, term, onHear, onSettle, onLeave }: DoubtBarProps) {
  const t = useStaff();
  const said = word.text.trim();
  const [text, setText] = useState(said);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.altKey) return;
    if (event.key === "Escape") onLeave();
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) onSettle(text.trim());
    else if (event.key !== "Escape") return;
    event.preventDefault();
  };
  return (
    <div className="x-doubt-bar" data-testid="d.transcript.doubtBar">
      <label>
        {t("st.doubt.word")}
        <input ref={field} className="x-input" value={text} lang={languageOf(said)} maxLength={200} onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} data-testid="d.transcript.doubtWord" />
      </label>
      <Button size="small" icon={Check} onClick={() => onSettle(text.trim())} aria-keyshortcuts="Enter" data-testid="d.transcript.settle">
        {t(text.trim() === said ? "st.doubt.right" : "st.doubt.replace")}
      </Button>
      {term !== null && (
        <Button size="small" onClick={() => onSettle(term)} data-testid="d.transcript.useTerm">
          {t("st.doubt.term", { name: term })}
        </Button>
      )}
      <Button size="small" variant="quiet" icon={Volume2} onClick={onHear}>
        {t("st.doubt.hear")}
      </Button>
      <span className="secondary">{t("st.doubt.skip")}</span>
    </div>
  );
}
