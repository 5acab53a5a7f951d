import { useEffect, useState } from "react";
import type { Quality } from "@core/calls/current";
import { useLive } from "../live";

const EVERY_MS = 2_000;
const GOOD_MS = 200;
const FAIR_MS = 600;

/** How fast the server answers now; null until it has, and while it does not. */
export function useNetworkWord(): Quality | null {
  const { socket } = useLive();
  const [word, setWord] = useState<Quality | null>(null);
  useEffect(() => {
    let asked: number | null = null;
    const ask = () => {
      if (asked !== null || socket.state !== "online") setWord(null);
      asked = performance.now();
      socket.tell({ type: "ping" });
    };
    const off = socket.on("pong", () => {
      if (asked === null) return;
      const took = performance.now() - asked;
      asked = null;
      setWord(took < GOOD_MS ? "good" : took < FAIR_MS ? "fair" : "poor");
    });
    ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      off();
      clearInterval(timer);
    };
  }, [socket]);
  return word;
}
