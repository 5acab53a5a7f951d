import { useEffect, useState } from "react";

/** The time, renewed every `every` ms: for waiting times, countdowns and everything else that ages on the page. */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
