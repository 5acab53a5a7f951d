import { useEffect, useMemo, useSyncExternalStore } from "react";
import { DraftBox, draftServer, type DraftState } from "@core/draftBox";
import { useLive } from "./live";

export interface Draft extends DraftState {
  change: (text: string) => void;
  /** Empties the box, unless something was typed after `text` was sent. */
  sent: (text: string) => void;
  /** Where `other` is not null: takes what the other device wrote, or stays with what stands here. */
  choose: (which: "other" | "mine") => void;
}

/** The words that somebody has begun to write in a thread; kept, and on all their devices, until they are sent or emptied. */
export function useDraft(owner: string, thread: string): Draft {
  const { socket } = useLive();
  const box = useMemo(() => new DraftBox(owner, thread, draftServer(thread, socket)), [owner, thread, socket]);
  useEffect(() => {
    void box.start();
    return () => box.stop();
  }, [box]);
  const state = useSyncExternalStore(box.subscribe, () => box.state);
  return {
    ...state,
    savedAt: state.text === "" ? null : state.savedAt,
    change: (text) => box.change(text),
    sent: (text) => box.sent(text),
    choose: (which) => box.choose(which),
  };
}
