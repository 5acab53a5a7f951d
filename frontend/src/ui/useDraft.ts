import { useEffect, useMemo, useSyncExternalStore } from "react";
import { DraftBox, draftServer, type DraftServer, type DraftState } from "@core/draftBox";
import type { Socket } from "@core/socket";
import { useLive } from "./live";

export interface Draft extends DraftState {
  change: (text: string) => void;
  /** Empties the box, unless something was typed after `text` was sent. */
  sent: (text: string) => void;
  /** Where `other` is not null: takes what the other device wrote, or stays with what stands here. */
  choose: (which: "other" | "mine") => void;
}

/** The words that somebody has begun to write in a place (a thread, or one whose server is given); kept, and on all their devices, until
 * they are sent or emptied. `serverOf` is one of the module's own functions. */
export function useDraft(owner: string, place: string, serverOf: (place: string, socket: Socket) => DraftServer = draftServer): Draft {
  const { socket } = useLive();
  const box = useMemo(() => new DraftBox(owner, place, serverOf(place, socket)), [owner, place, serverOf, socket]);
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
