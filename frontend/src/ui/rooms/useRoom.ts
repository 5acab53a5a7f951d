import { useEffect, useMemo, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import type { Person } from "@core/protocol";
import { getInside, type RoomInside } from "@core/rooms/desk";
import { Room } from "@core/rooms/room";
import type { RoomView, Target } from "@core/rooms/view";
import { useLive } from "../live";

export interface InRoom {
  room: Room;
  view: RoomView;
  /** Null until the seat is taken. */
  inside: RoomInside | null;
  people: ReadonlyMap<string, Person>;
}

/** This page's seat in a room, for as long as the page is there; null until it has begun. `kind` and `id` name it. */
export function useRoom(kind: "room" | "thread", id: string): InRoom | null {
  const { socket, session } = useLive();
  const me = session.person.id;
  const [shown, setShown] = useState<{ room: Room; view: RoomView } | null>(null);
  useEffect(() => {
    const target: Target = kind === "room" ? { room: id } : { thread: id };
    const room: Room = new Room(socket, me, target, (view) => setShown({ room, view }));
    void room.start();
    // Going to another page is leaving; a reload is not.
    return () => {
      room.leave();
      room.stop();
    };
  }, [socket, me, kind, id]);
  const { data: inside = null } = useInside(shown?.view ?? null);
  const people = useMemo(() => new Map(inside?.people.map((person) => [person.id, person])), [inside]);
  return shown && { ...shown, inside, people };
}

/** Asked for again when somebody is there who was not known. */
function useInside(view: RoomView | null) {
  const id = view?.room ?? "";
  const known = view?.sitters.map((one) => one.person).sort().join() ?? "";
  return useQuery({ queryKey: ["room", id, known], queryFn: () => getInside(id), enabled: id !== "" && view?.stage !== "entering", placeholderData: (before) => before });
}
