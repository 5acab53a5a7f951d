import { useEffect, useEffectEvent, useRef } from "react";
import { CircleCheckBig, RefreshCw } from "lucide-react";
import { useLocation } from "@ui/router";
import type { Queue } from "@core/consultations";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { useKeys } from "@ui/staff/keys";
import { useNow } from "@ui/staff/useNow";
import { EmptyState, Fetched } from "@ui/states";
import { useFlagWords } from "../flags";
import { useT } from "../words";
import { itemsOf, neighbour, type Group } from "./groups";
import { QueueList } from "./QueueList";
import { useArrangement } from "./useArrangement";
import { useClaim } from "./useClaim";
import { useDrafts } from "./useDrafts";
import { useQueue, useQueueBell } from "./useQueue";

/** D-1: what to do next, without reading everything. */
export function QueuePane({ open }: { open: string | null }) {
  const t = useT();
  useQueueBell();
  return (
    <section id="queue" className="d-queue" aria-labelledby="queue-h" data-region="[role=option][tabindex='0']" tabIndex={-1} data-testid="d.queue">
      <h2 id="queue-h" className="sr-only">
        {t("d.queue.title")}
      </h2>
      <Fetched query={useQueue()} rows={6}>
        {(queue) => <Rows queue={queue} open={open} />}
      </Fetched>
    </section>
  );
}

function Rows({ queue, open }: { queue: Queue; open: string | null }) {
  const t = useT();
  const [, go] = useLocation();
  const claim = useClaim();
  const now = useNow(30_000);
  const drafts = useDrafts();
  const { groups, gone, waiting, hold, show } = useArrangement(queue);
  const openRow = (id: string | null) => {
    if (id) go(`/c/${id}`);
  };
  useKeys({
    "Alt+KeyR": show,
    "Alt+ArrowDown": () => openRow(neighbour(groups, open, 1, false)),
    "Alt+ArrowUp": () => openRow(neighbour(groups, open, -1, false)),
    "Alt+Shift+ArrowDown": () => openRow(neighbour(groups, open, 1, true)),
    "Alt+Shift+ArrowUp": () => openRow(neighbour(groups, open, -1, true)),
  });
  useRiskAlarm(groups);
  const asking = (["risk", "reply", "new"] as const).reduce((sum, id) => sum + itemsOf(groups, id).length, 0);
  return (
    <>
      <div className="d-queue-head">
        {waiting > 0 ? (
          <Button size="small" icon={RefreshCw} onClick={show} aria-keyshortcuts="Alt+R" className="d-arrivals" data-testid="d.queue.arrivals">
            {t("d.queue.arrivals", { count: waiting })}
          </Button>
        ) : (
          <p className="secondary">{t("d.queue.waiting", { count: asking })}</p>
        )}
      </div>
      {asking === 0 && <EmptyState icon={CircleCheckBig} title={t("d.queue.empty")} />}
      <QueueList groups={groups} gone={gone} drafts={drafts} open={open} now={now} onOpen={openRow} onTake={(item) => item.state === "queued" && claim.mutate(item.id)} onHold={hold} />
    </>
  );
}

/** A new emergency is spoken at once, wherever the focus is. */
function useRiskAlarm(groups: readonly Group[]): void {
  const t = useT();
  const wordsOf = useFlagWords();
  const risks = itemsOf(groups, "risk");
  const known = useRef<ReadonlySet<string> | null>(null);
  const ids = risks.map((item) => item.id).join();
  const look = useEffectEvent(() => {
    const before = known.current;
    known.current = new Set(risks.map((item) => item.id));
    const fresh = before ? risks.find((item) => !before.has(item.id)) : undefined;
    const [sign] = wordsOf(fresh?.red_flags ?? []);
    if (fresh && sign) announce(t("d.risk.alarm", { name: fresh.patient.name, sign }), "assertive");
  });
  useEffect(() => look(), [ids]);
}
