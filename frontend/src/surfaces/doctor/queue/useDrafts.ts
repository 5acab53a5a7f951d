import { useEffect, useState } from "react";
import { draftPlaces, onDrafts } from "@core/drafts";
import { useSession } from "@ui/live";

/** The conversations in which this person has begun to write. */
export function useDrafts(): ReadonlySet<string> {
  const { person } = useSession();
  const [places, setPlaces] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    let current = true;
    const read = () =>
      void draftPlaces(person.id).then((found) => {
        if (current) setPlaces(new Set(found));
      });
    read();
    const off = onDrafts(read);
    return () => {
      current = false;
      off();
    };
  }, [person.id]);
  return places;
}
