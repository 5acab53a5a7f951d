import { useEffect } from "react";
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import type { Socket } from "@core/socket";
import { askAgain } from "@ui/again";
import { useLive } from "@ui/live";

/** What may ring: subscribes to the socket and returns the ways to leave again. */
export type Listen = (socket: Socket, ring: () => void, queries: QueryClient) => (() => void)[];

/** Bells that lost their way heal at this pace, ms. */
export const AGAIN_MS = 60_000;

/** Asks for the queries named `keys` again when `listen` rings: many rings within `gatherMs` cost one look. `listen` and `keys` are constants. */
export function useBell(keys: readonly string[], gatherMs: number, listen: Listen): void {
  const { socket } = useLive();
  const queries = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      timer = undefined;
      for (const key of keys) void askAgain(queries, { queryKey: [key] });
    };
    const leave = listen(socket, () => (timer ??= setTimeout(ask, gatherMs)), queries);
    return () => {
      leave.forEach((off) => off());
      if (timer === undefined) return;
      clearTimeout(timer);
      ask(); // a page that is left has no time to gather, and the next one must not show what is old
    };
  }, [socket, queries, keys, gatherMs, listen]);
}
