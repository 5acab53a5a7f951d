import { useCallback, useMemo, useState } from "react";
import type { Queue } from "@core/consultations";
import { arrange, arrivals, goneFrom, groupsOf, type Group } from "./groups";

export interface Arrangement {
  groups: readonly Group[];
  gone: ReadonlySet<string>;
  /** Rows that wait to be shown while the list is held. */
  waiting: number;
  hold: (held: boolean) => void;
  /** Brings the list up to date at once. */
  show: () => void;
}

/** The queue as it is drawn: up to date, except that it does not move under the pointer or the focus. */
export function useArrangement(queue: Queue): Arrangement {
  const fresh = useMemo(() => groupsOf(queue), [queue]);
  const [shown, setShown] = useState<readonly Group[]>(fresh);
  const [held, setHeld] = useState(false);
  const next = arrange(shown, fresh, held);
  // The state follows the queue during the drawing, so that nothing is ever drawn twice.
  if (next !== shown) setShown(next);
  const show = useCallback(() => setShown(fresh), [fresh]);
  return { groups: next, gone: goneFrom(next, fresh), waiting: arrivals(next, fresh), hold: setHeld, show };
}
