import { useEffect, useRef, useState } from "react";
import { DraftSaver, loadDraft } from "@core/drafts";

export interface DraftBox {
  text: string;
  ready: boolean;
  savedAt: number | null;
  change: (text: string) => void;
  /** Empties the box, unless something was typed after `text` was sent. */
  sent: (text: string) => void;
}

/** The words that somebody has begun to write at a place; kept until they are sent or emptied. */
export function useDraft(owner: string, place: string): DraftBox {
  const [text, setText] = useState("");
  const [ready, setReady] = useState(false);
  const [savedAt, setSavedAt] = useState<number | null>(null);
  const saver = useRef<DraftSaver>(null);
  const latest = useRef("");
  useEffect(() => {
    const own = new DraftSaver(owner, place, setSavedAt);
    saver.current = own;
    void loadDraft(owner, place)
      .then((stored) => {
        latest.current = stored;
        setText(stored);
      })
      // Storage may be forbidden: the box still works, it only keeps nothing.
      .catch(() => undefined)
      .finally(() => setReady(true));
    return () => own.stop();
  }, [owner, place]);
  return {
    text,
    ready,
    savedAt: text === "" ? null : savedAt,
    change(next) {
      latest.current = next;
      setText(next);
      saver.current?.change(next);
    },
    sent(was) {
      if (latest.current !== was) return;
      latest.current = "";
      setText("");
      saver.current?.change("");
      saver.current?.flush();
    },
  };
}
