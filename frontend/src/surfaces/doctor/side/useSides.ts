import { useQuery } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { getSide, getSides, type Side, type SideDetail } from "@core/sides";
import { AGAIN_MS, useBell, type Listen } from "@ui/bell";

/** The discussions this clinician belongs to. */
export function useSides() {
  return useQuery({ queryKey: ["sides"], queryFn: getSides, refetchInterval: AGAIN_MS, refetchOnMount: "always" });
}

/** The discussion beside one case; null where there is none. Not asked for where the case says that it has none. */
export function useSide(consultation: string, enabled = true) {
  return useQuery({
    enabled,
    queryKey: ["side", consultation],
    queryFn: async (): Promise<SideDetail | null> => {
      try {
        return await getSide(consultation);
      } catch (error) {
        if (codedFrom(error).code === "not_found") return null;
        throw error;
      }
    },
  });
}

const GATHER_MS = 300;
const KEYS = ["sides", "side"];
const listen: Listen = (socket, ring, queries) => {
  const isSide = (thread: string) => (queries.getQueryData<readonly Side[]>(["sides"]) ?? []).some((side) => side.id === thread);
  return [
    socket.on("consultation.changed", ring),
    socket.on("queue.changed", ring),
    socket.on("timeline", (frame) => {
      if (isSide(frame.consultation)) ring();
    }),
  ];
};

/** Asks again after everything that may have changed who is in a discussion or what is unread in it. */
export function useSideBell(): void {
  useBell(KEYS, GATHER_MS, listen);
}
