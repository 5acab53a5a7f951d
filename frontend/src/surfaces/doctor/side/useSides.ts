import { useEffect } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { getSide, getSides, type Side, type SideDetail } from "@core/sides";
import { useLive } from "@ui/live";

/** Bells that lost their way heal at this pace, ms. */
const AGAIN_MS = 60_000;

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

/** Many rings in a moment cost one look. */
const GATHER_MS = 300;

/** Asks again after everything that may have changed who is in a discussion or what is unread in it. */
export function useSideBell(): void {
  const { socket } = useLive();
  const queries = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ring = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: ["sides"] });
        void queries.invalidateQueries({ queryKey: ["side"] });
      }, GATHER_MS);
    };
    const isSide = (thread: string) => (queries.getQueryData<readonly Side[]>(["sides"]) ?? []).some((side) => side.id === thread);
    const leave = [
      socket.on("consultation.changed", ring),
      socket.on("queue.changed", ring),
      socket.on("timeline", (frame) => {
        if (isSide(frame.consultation)) ring();
      }),
    ];
    return () => {
      clearTimeout(timer);
      leave.forEach((off) => off());
    };
  }, [socket, queries]);
}
