import { CircleCheck, CircleStop, LoaderCircle } from "lucide-react";
import { Chip } from "@ui/Chip";
import { useT } from "../words";
import { STATES, totalOf, type Broadcast } from "./api";

const CHIP = { sending: ["info", LoaderCircle], done: ["ok", CircleCheck], stopped: ["warn", CircleStop] } as const;

export function StateChip({ state }: { state: Broadcast["state"] }) {
  const t = useT();
  const [tone, icon] = CHIP[state];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`d.broadcast.state.${state}`)}
    </Chip>
  );
}

/** How far it is, and how many stand where, in words and numbers. */
export function Counts({ broadcast }: { broadcast: Broadcast }) {
  const t = useT();
  const { counts, state } = broadcast;
  const total = totalOf(broadcast);
  const dealtWith = total - counts.waiting;
  return (
    <div className="d-counts">
      {state === "sending" && <progress max={total} value={dealtWith} aria-label={t("d.broadcast.progress", { done: dealtWith, total })} />}
      <dl className="d-count-list" data-testid="d.broadcast.counts">
        <Count word={t("d.broadcast.total")} number={total} />
        {STATES.filter((one) => counts[one] > 0 || one === "sent" || one === "read").map((one) => (
          <Count key={one} word={one === "waiting" && state === "stopped" ? t("d.recipient.unsent") : t(`d.recipient.${one}`)} number={counts[one]} name={one} />
        ))}
      </dl>
    </div>
  );
}

function Count({ word, number, name = "all" }: { word: string; number: number; name?: string }) {
  return (
    <div data-count={name}>
      <dt>{word}</dt>
      <dd className="tabular">{number}</dd>
    </div>
  );
}
