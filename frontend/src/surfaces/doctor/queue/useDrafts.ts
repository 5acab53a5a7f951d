import { useEffect, useState } from "react";
import { begunPlaces, draftsOf, onDrafts, placeOf, writtenPlaces } from "@core/drafts";
import { useLive } from "@ui/live";

/** The conversations in which this person has begun to write, on this device or another. */
export function useDrafts(): ReadonlySet<string> {
  const { session, socket } = useLive();
  const owner = session.person.id;
  const [places, setPlaces] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    let current = true;
    let held: Set<string> | null = null;
    const show = async () => {
      const drafts = await draftsOf(owner);
      if (current) setPlaces(begunPlaces(drafts, held));
    };
    const ask = async () => {
      held = await writtenPlaces().catch(() => held); // without an answer, the last one counts
      await show();
    };
    const leave = [
      onDrafts((draft) => {
        if (!draft.unsaved) held?.[draft.text ? "add" : "delete"](placeOf(draft));
        void show();
      }),
      socket.on("draft.changed", () => void ask()),
      socket.on("welcome", () => void ask()),
    ];
    void show();
    void ask();
    return () => {
      current = false;
      leave.forEach((off) => off());
    };
  }, [owner, socket]);
  return places;
}
