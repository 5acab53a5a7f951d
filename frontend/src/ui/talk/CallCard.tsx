import { Phone, PhoneMissed, PhoneOff, Video } from "lucide-react";
import { clock, spokenLength } from "@core/format";
import type { EventWith, Person } from "@core/protocol";
import { fullName } from "../names";
import { useLocale } from "../settings";
import { useSession } from "../live";
import { useTalkWords } from "./words";

interface CallCardProps {
  event: EventWith<"call.ended">;
  invited?: EventWith<"call.invited"> | undefined;
  people?: ReadonlyMap<string, Person> | undefined;
}

/** One call that is over, in words: what it was, who called, how it ended, for whom it was missed. */
export function CallCard({ event, invited, people }: CallCardProps) {
  const t = useTalkWords();
  const locale = useLocale();
  const me = useSession().person.id;
  const { duration_s, poor_s } = event.body;
  const end = endOf(event.body);
  const caller = invited?.sender ? people?.get(invited.sender) : undefined;
  const missed = (end === "missed" || end === "cancelled") && invited !== undefined && invited.sender !== me;
  const Icon = missed ? PhoneMissed : duration_s === null ? PhoneOff : invited?.body.media.includes("video") ? Video : Phone;
  const length = spokenLength(duration_s ?? 0, locale);
  return (
    <div className="x-system x-call" data-kind="call" data-end={end} data-missed={missed} data-seq={event.seq} data-testid="x.card.call">
      <Icon size={20} aria-hidden />
      <div>
        <p>
          <strong>{missed ? t("tk.call.missed") : t(invited ? callId(invited.body.media) : "tk.call.card.call")}</strong>
          {" · "}
          {t(`tk.call.end.${end}`, { length })}
        </p>
        {missed && <p>{t("tk.call.missed.how")}</p>}
        {poor_s > 0 && duration_s !== null && <p>{t("tk.call.poor", { length: spokenLength(poor_s, locale) })}</p>}
        {invited && <p className="meta">{t("tk.call.by", { name: caller ? fullName(caller, locale) : t("ui.someone"), time: clock(invited.at) })}</p>}
      </div>
    </div>
  );
}

export const callId = (media: readonly ("audio" | "video")[]) => (media.includes("video") ? ("tk.call.card.video" as const) : ("tk.call.card.voice" as const));

function endOf({ state, reason, duration_s }: EventWith<"call.ended">["body"]) {
  if (state === "declined" && reason === "later") return "later";
  if (reason === "closed" && duration_s === null) return "closed";
  return state === "ended" && reason === "no_connection" ? "lost" : state;
}
