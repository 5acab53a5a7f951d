import { useQuery } from "@tanstack/react-query";
import { getQueue } from "@core/consultations";
import { AGAIN_MS, useBell, type Listen } from "@ui/bell";

export function useQueue() {
  return useQuery({ queryKey: ["queue"], queryFn: getQueue, refetchInterval: AGAIN_MS });
}

const GATHER_MS = 150;
// A waiting case that is open may have been taken by a colleague.
const KEYS = ["queue", "consultation"];
const listen: Listen = (socket, ring) => [
  socket.on("consultation.changed", ring),
  socket.on("queue.changed", ring),
  socket.on("timeline", ring),
  socket.on("ack", ring),
];

/** Asks for the queue again after everything that may have changed a row of it. Mounted once, beside the queue. */
export function useQueueBell(): void {
  useBell(KEYS, GATHER_MS, listen);
}
