import { useState } from "react";
import { CalendarClock, Check } from "lucide-react";
import { useMutation } from "@tanstack/react-query";
import type { Medium } from "@core/calls/current";
import { codedFrom } from "@core/errors";
import { dateTime } from "@core/format";
import { clientIds } from "@core/ids";
import { toast } from "../announce";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { RadioGroup, TextField } from "../fields";
import { useLive } from "../live";
import { useLocale } from "../settings";
import { ErrorState } from "../states";
import { mayBeOffered, MOST_TIMES, usualTimes } from "./times";
import { useCallWords } from "./words";
import "./calls.css";

export { callWords as words } from "./words";

const WAYS = { voice: ["audio"], video: ["audio", "video"] } as const satisfies Record<string, readonly Medium[]>;
type Way = keyof typeof WAYS;

/** P-9 "改时间" and D-5: up to three times for a call, of which the other side takes one with a tap. */
export default function PlanDialog({ consultation, onDone }: { consultation: string; onDone: () => void }) {
  const t = useCallWords();
  const locale = useLocale();
  const { socket, session } = useLive();
  const [now] = useState(Date.now);
  const [idOf] = useState(clientIds);
  const [way, setWay] = useState<Way>("voice");
  const [shown, setShown] = useState(() => usualTimes(now));
  const [slots, setSlots] = useState<readonly number[]>([]);
  const full = slots.length >= MOST_TIMES;
  const sending = useMutation({
    mutationFn: () => {
      const content = { slots: [...slots], media: [...WAYS[way]] };
      return socket.request({ type: "call.propose", consultation, client_id: idOf(content), ...content });
    },
    onSuccess: () => {
      toast(t("ca.plan.sent"));
      onDone();
    },
  });
  const toggle = (at: number) => setSlots((before) => (before.includes(at) ? before.filter((one) => one !== at) : [...before, at].sort((a, b) => a - b)));
  const add = (at: number) => {
    setShown((before) => [...new Set([...before, at])].sort((a, b) => a - b));
    if (!slots.includes(at)) toggle(at);
  };
  const actions = (
    <Button variant="primary" size="main" icon={CalendarClock} pending={sending.isPending} aria-disabled={slots.length === 0} onClick={() => slots.length > 0 && sending.mutate()} data-testid="k.plan.send">
      {slots.length === 0 ? t("ca.plan.none") : t("ca.plan.send", { count: slots.length })}
    </Button>
  );
  return (
    <Dialog title={t("ca.plan.title")} onClose={onDone} shape={session.surface === "patient" ? "sheet" : "dialog"} actions={actions} testid="k.plan">
      {sending.isError && <ErrorState error={codedFrom(sending.error)} />}
      <p className="secondary">{t("ca.plan.what", { most: MOST_TIMES })}</p>
      <div className="k-times" role="group" aria-label={t("ca.plan.title")}>
        {shown.map((at) => (
          <Button key={at} icon={slots.includes(at) ? Check : CalendarClock} aria-pressed={slots.includes(at)} aria-disabled={full && !slots.includes(at)} onClick={() => (slots.includes(at) || !full) && toggle(at)} data-testid="k.plan.time">
            {dateTime(at, locale, now)}
          </Button>
        ))}
      </div>
      {!full && <OtherTime now={now} onTime={add} />}
      <RadioGroup<Way>
        label={t("ca.plan.way")}
        value={way}
        options={[
          { value: "voice", label: t("ca.choice.voice") },
          { value: "video", label: t("ca.choice.video") },
        ]}
        onChange={setWay}
      />
    </Dialog>
  );
}

function OtherTime({ now, onTime }: { now: number; onTime: (at: number) => void }) {
  const t = useCallWords();
  const [text, setText] = useState("");
  const at = text ? new Date(text).getTime() : Number.NaN;
  const good = mayBeOffered(at, now);
  return (
    <div className="k-times-other">
      <TextField type="datetime-local" label={t("ca.plan.other")} value={text} error={text && !good ? t("ca.plan.bounds") : null} onChange={(event) => setText(event.target.value)} data-testid="k.plan.other" />
      {good && (
        <Button onClick={() => [onTime(at), setText("")]} data-testid="k.plan.add">
          {t("ca.plan.add")}
        </Button>
      )}
    </div>
  );
}
