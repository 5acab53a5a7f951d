import { useState } from "react";
import { CalendarCheck, CalendarClock, CalendarX } from "lucide-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { askForTime } from "@core/calls/current";
import { getConsultation, type Consultation } from "@core/consultations";
import { dateTime } from "@core/format";
import { newClientId } from "@core/ids";
import type { EventWith } from "@core/protocol";
import { Button } from "../Button";
import { useLive } from "../live";
import { useLocale } from "../settings";
import { useMinute } from "../talk/useMinute";
import { useCallWords } from "./words";
import { toastError } from "../toastError";
import "./calls.css";

export { callWords as words } from "./words";

type Plan = NonNullable<Consultation["call_plan"]>;

/** Times that one side offered, in the conversation: the other takes one with a tap; both see what holds now. */
export default function PlanCard({ thread, event, name }: { thread: string; event: EventWith<"call.proposed">; name: string }) {
  const t = useCallWords();
  const locale = useLocale();
  const now = useMinute();
  const { data } = useQuery({ queryKey: ["consultation", thread], queryFn: () => getConsultation(thread) });
  const plan = data?.call_plan?.seq === event.seq ? data.call_plan : null;
  const what = t(event.body.media.includes("video") ? "ca.choice.video" : "ca.choice.voice");
  const Icon = plan === null ? CalendarX : plan.state === "agreed" ? CalendarCheck : CalendarClock;
  return (
    <article className="x-message-card" data-kind="plan" data-state={plan?.state ?? "over"} data-seq={event.seq} data-testid="k.plan.card">
      <h4>
        <Icon size={20} aria-hidden />
        {t("ca.plan.card", { name, what })}
      </h4>
      {plan?.state === "agreed" && plan.at !== null ? <p className="k-plan-at">{t("ca.plan.agreed", { time: dateTime(plan.at, locale, now) })}</p> : null}
      {plan === null && (
        <>
          <p className="secondary">{event.body.slots.map((at) => dateTime(at, locale, now)).join(t("ui.listJoin"))}</p>
          <p>{t(data ? "ca.plan.over" : "ca.plan.looking")}</p>
        </>
      )}
      {plan && data?.may_call && <Acts thread={thread} plan={plan} now={now} />}
    </article>
  );
}

function Acts({ thread, plan, now }: { thread: string; plan: Plan; now: number }) {
  const t = useCallWords();
  const locale = useLocale();
  const { socket } = useLive();
  const [ids] = useState(() => ({ agree: newClientId(), unplan: newClientId() }));
  const about = { consultation: thread, seq: plan.seq };
  const agreeing = useMutation({ mutationFn: (at: number) => socket.request({ type: "call.agree", ...about, client_id: `${ids.agree}-${at}`, at }), onError: toastError });
  const ending = useMutation({ mutationFn: () => socket.request({ type: "call.unplan", ...about, client_id: ids.unplan }), onError: toastError });
  const open = plan.state === "proposed";
  return (
    <div className="k-plan-acts">
      {open && plan.mine && (
        <>
          <p className="secondary">{plan.slots.map((at) => dateTime(at, locale, now)).join(t("ui.listJoin"))}</p>
          <p>{t("ca.plan.waits")}</p>
        </>
      )}
      {open &&
        !plan.mine &&
        plan.slots.map((at) => (
          <Button key={at} variant="primary" size="main" icon={CalendarCheck} pending={agreeing.isPending && agreeing.variables === at} aria-disabled={at < now} onClick={() => at >= now && agreeing.mutate(at)} data-testid="k.plan.take">
            {dateTime(at, locale, now)}
          </Button>
        ))}
      <div className="row">
        <Button icon={CalendarClock} onClick={() => askForTime(thread)} data-testid="k.plan.change">
          {t(open && !plan.mine ? "ca.plan.noneFits" : "ca.plan.change")}
        </Button>
        {(plan.mine || !open) && (
          <Button icon={CalendarX} pending={ending.isPending} onClick={() => ending.mutate()} data-testid="k.plan.end">
            {t(open ? "ca.plan.takeBack" : "ca.plan.cancel")}
          </Button>
        )}
      </div>
    </div>
  );
}
