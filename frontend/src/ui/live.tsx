import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import type { OutboxItem } from "@core/db";
import { Outbox } from "@core/outbox";
import { getSession, type Session } from "@core/session";
import { Socket, socketUrl, type ConnectionState } from "@core/socket";
import { askAgain } from "./again";

interface Live {
  session: Session;
  socket: Socket;
  outbox: Outbox;
  signOut: () => void;
}

const LiveContext = createContext<Live | null>(null);

/** The signed-in page: one socket and one outbox for everything below. */
export function LiveProvider({ session, onSignedOut, signOut, children }: { session: Session; onSignedOut: () => void; signOut: () => void; children: ReactNode }) {
  const owner = session.person.id;
  const live = useMemo(() => {
    const socket = new Socket(socketUrl(window.location));
    return { socket, outbox: new Outbox(owner, socket) };
  }, [owner]);
  useEffect(() => {
    live.socket.start();
    live.outbox.start();
    const off = live.socket.onState((state) => {
      if (state !== "signed-out") return;
      // Whoever changed the password in another tab, or signed in again there, has another cookie by now.
      getSession().then((now) => (now.person.id === owner ? live.socket.start() : onSignedOut()), onSignedOut);
    });
    return () => {
      off();
      live.outbox.stop();
      live.socket.stop();
    };
  }, [live, owner, onSignedOut]);
  useRefetchOnChange(live.socket);
  useLeaveGuard(live.outbox);
  const value = useMemo(() => ({ ...live, session, signOut }), [live, session, signOut]);
  return <LiveContext.Provider value={value}>{children}</LiveContext.Provider>;
}

/** A page that closes while a message can still be called back would send it only when it is opened again: the browser asks. */
function useLeaveGuard(outbox: Outbox): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (outbox.holding) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [outbox]);
}

/** The doorbell rings: the lists that may have changed are asked for again. */
function useRefetchOnChange(socket: Socket): void {
  const queries = useQueryClient();
  useEffect(() => {
    const again = (...key: string[]) => void askAgain(queries, { queryKey: key });
    const leave = [
      socket.on("consultation.changed", (frame) => {
        again("consultations");
        again("consultation", frame.consultation);
      }),
      socket.on("queue.changed", () => again("queue")),
      socket.on("timeline", () => again("consultations")),
      socket.on("welcome", () => void askAgain(queries)),
    ];
    return () => leave.forEach((off) => off());
  }, [socket, queries]);
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("useLive outside LiveProvider");
  return live;
}

export const useSession = (): Session => useLive().session;

export function useConnection(): ConnectionState {
  const { socket } = useLive();
  return useSyncExternalStore(
    (listener) => socket.onState(listener),
    () => socket.state,
  );
}

/** True while the network lets no WebSocket through and the page polls. */
export function useSlow(): boolean {
  const { socket } = useLive();
  return useSyncExternalStore(
    (listener) => socket.onState(listener),
    () => socket.slow,
  );
}

/** True once the connection has been away for a moment: a short blink is nobody's business. */
export function useAway(): ConnectionState | null {
  const state = useConnection();
  const [away, setAway] = useState<ConnectionState | null>(null);
  useEffect(() => {
    const pause = state === "online" ? 0 : state === "offline" ? 300 : 2_000;
    const timer = setTimeout(() => setAway(state === "online" ? null : state), pause);
    return () => clearTimeout(timer);
  }, [state]);
  return away;
}

/** This person's commands that the server has not acknowledged yet, oldest first. */
export function useUnsent(): readonly OutboxItem[] {
  const { outbox } = useLive();
  const [items, setItems] = useState<readonly OutboxItem[]>([]);
  useEffect(() => {
    let current = true;
    const read = () =>
      void outbox.items().then((all) => {
        if (current) setItems(all);
      });
    read();
    const off = outbox.onChange(read);
    return () => {
      current = false;
      off();
    };
  }, [outbox]);
  return items;
}
