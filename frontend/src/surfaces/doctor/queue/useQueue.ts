import { useEffect } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getQueue } from "@core/consultations";
import { useLive } from "@ui/live";

/** Bells that lost their way heal at this pace, ms. */
const AGAIN_MS = 60_000;

export function useQueue() {
  return useQuery({ queryKey: ["queue"], queryFn: getQueue, refetchInterval: AGAIN_MS });
}

/** Many rings in a moment cost one look at the queue. */
const GATHER_MS = 150;

/** Asks for the queue again after everything that may have changed a row of it. Mounted once, beside the queue. */
export function useQueueBell(): void {
  const { socket } = useLive();
  const queries = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ring = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: ["queue"] });
        // A waiting one that is open may have been taken by a colleague.
        void queries.invalidateQueries({ queryKey: ["consultation"] });
      }, GATHER_MS);
    };
    const leave = [socket.on("consultation.changed", ring), socket.on("queue.changed", ring), socket.on("timeline", ring), socket.on("ack", ring)];
    return () => {
      clearTimeout(timer);
      leave.forEach((off) => off());
    };
  }, [socket, queries]);
}
