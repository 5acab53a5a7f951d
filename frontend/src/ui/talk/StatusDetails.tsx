import { Check, CheckCheck, Eye, Stethoscope, type LucideIcon } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import type { Person, TimelineEvent } from "@core/protocol";
import { Dialog } from "../Dialog";
import { fullName } from "../names";
import { useLocale } from "../settings";
import { readingsOf, type Reading } from "./actions";
import { Excerpt } from "./pieces";
import type { TalkPageOptions } from "./useTalkPage";
import { useTalkWords } from "./words";

/** How far a message has come, person by person: who has it, who has read it and when, and who takes care of it. */
export function StatusDetails({ event, state, people, me, reader, onClose }: TalkPageOptions & { event: TimelineEvent; onClose: () => void }) {
  const t = useTalkWords();
  const locale = useLocale();
  const readings = readingsOf(state.timeline, event);
  const reached = new Set(readings.map((one) => one.person));
  const missing = [...people.values()].filter((one) => one.id !== event.sender && !reached.has(one.id));
  const { assignee, claimed_at } = state.detail ?? { assignee: null, claimed_at: null };
  return (
    <Dialog title={t("tk.details")} shape={reader === "patient" ? "sheet" : "dialog"} onClose={onClose} testid="x.msg.status.details">
      <Excerpt event={event} />
      <ol className="x-details">
        <Step icon={Check} words={t("tk.details.sent")} time={dateTime(event.at, locale)} />
        {readings.map((one) => (
          <Reached key={one.person} reading={one} person={people.get(one.person)} me={me} />
        ))}
        {missing.map((person) => (
          <Step key={person.id} icon={Check} words={t("tk.details.notYet", { name: fullName(person, locale) })} quiet />
        ))}
        {assignee && claimed_at && <Step icon={Stethoscope} words={t("tk.details.handling", { name: fullName(assignee, locale) })} time={t("tk.details.since", { time: dateTime(parseTime(claimed_at), locale) })} testid="x.msg.details.handling" />}
      </ol>
    </Dialog>
  );
}

function Reached({ reading, person, me }: { reading: Reading; person: Person | undefined; me: string }) {
  const t = useTalkWords();
  const locale = useLocale();
  const { state, at, exact } = reading;
  const name = reading.person === me ? t("tk.details.you") : person ? fullName(person, locale) : t("tk.details.colleague");
  const time = at === null ? undefined : exact ? dateTime(at, locale) : t("tk.details.by", { time: dateTime(at, locale) });
  return <Step icon={state === "read" ? Eye : CheckCheck} words={t(`tk.details.${state}`, { name })} time={time} testid={`x.msg.details.${state}`} />;
}

function Step({ icon: Icon, words, time, quiet, testid }: { icon: LucideIcon; words: string; time?: string | undefined; quiet?: boolean; testid?: string }) {
  return (
    <li data-quiet={quiet} data-testid={testid}>
      <Icon size={20} aria-hidden />
      <span>{words}</span>
      {time && <span className="meta">{time}</span>}
    </li>
  );
}
