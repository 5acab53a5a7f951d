import { useId, useRef, useState } from "react";
import { ShieldAlert, ShieldCheck, ShieldEllipsis, ShieldX } from "lucide-react";
import { clock, dateTime, parseTime } from "@core/format";
import type { Person, TimelineEvent } from "@core/protocol";
import { EventLine } from "@ui/EventCards";
import { fullName, languageOf } from "@ui/names";
import { useLocale } from "@ui/settings";
import { Annotated, AnnotateBar, NoteDialog } from "./Annotate";
import type { Annotation, SealedEvent } from "./api";
import { CarriedFiles, CarriedVoice } from "./CarriedFiles";
import { exactClock, sealOf, type Fate, type Seen, type SealState } from "./timeline";
import { useHere } from "./useHere";
import { useT } from "./words";

interface CaseEventProps {
  event: SealedEvent;
  part: Annotation["part"];
  person: Person | null;
  seen: Seen | undefined;
  fate: Fate | undefined;
  people: ReadonlyMap<string, Person>;
  layer: boolean;
}

/** Shown as both sides saw them. */
const CARDS = new Set(["consultation.opened", "consultation.closed", "call.ended"]);
const SEAL = { verified: ShieldCheck, pending: ShieldEllipsis, mismatch: ShieldX, unknown: ShieldAlert } as const;

/** One act of the case: who, when, what; with the evidence layer also when it was received and how it is sealed. */
export function CaseEvent({ event, part, person, seen, fate, people, layer }: CaseEventProps) {
  const locale = useLocale();
  const ref = useRef<HTMLElement>(null);
  const here = useHere(ref);
  const [writing, setWriting] = useState(false);
  const id = useId();
  const nameOf = useEventName();
  const side = person?.role === "patient" ? "patient" : "staff";
  return (
    <article
      ref={ref}
      className="c-event"
      tabIndex={-1}
      aria-labelledby={`${id}-say`}
      data-testid="c.viewer.event"
      data-kind={event.kind}
      data-seq={event.seq}
      data-side={side}
      data-integrity={sealOf(event)}
    >
      <p id={`${id}-say`} className="c-event-head">
        <time dateTime={new Date(event.at).toISOString()} title={dateTime(event.at, locale)} className="tabular">
          {clock(event.at)}
        </time>{" "}
        <strong>{nameOf(event, person)}</strong>
      </p>
      <Body event={event} person={person} />
      <CarriedFiles event={event} />
      <CarriedVoice event={event} />
      {fate && <FateLine fate={fate} />}
      <Annotated part={part} seq={event.seq} />
      {layer && <Evidence event={event} seen={seen} people={people} />}
      {here && !event.withheld && <AnnotateBar part={part} seq={event.seq} onWrite={() => setWriting(true)} />}
      {writing && <NoteDialog part={part} seq={event.seq} onClose={() => setWriting(false)} />}
    </article>
  );
}

/** What was said or done, in the words and cards that both sides saw. */
function Body({ event, person }: { event: SealedEvent; person: Person | null }) {
  const t = useT();
  if (event.withheld) return <p className="c-unreadable">{t("c.viewer.withheld")}</p>;
  if (event.shredded !== null) return <Shredded by={event.shredded} />;
  if (event.body === null) return <p className="c-unreadable">{t("c.viewer.unreadable")}</p>;
  const text = event.body["text"];
  if (typeof text === "string" && text !== "") {
    return (
      <p className="own-words c-words" lang={languageOf(text)} data-testid="c.viewer.text">
        {text}
      </p>
    );
  }
  const granted = event.body["granted"];
  if (typeof granted === "boolean") return <p data-testid="c.viewer.granted">{t(granted ? "c.viewer.granted" : "c.viewer.notGranted")}</p>;
  if (CARDS.has(event.kind)) return <EventLine event={event as unknown as TimelineEvent} author={person} />;
  // Its reason is a code: the sentence above says what happened.
  if (event.kind.startsWith("recording.")) return null;
  const reason = event.body["reason"];
  return typeof reason === "string" && reason !== "" ? <p className="own-words c-words">{reason}</p> : null;
}

/** Destroyed by right: by which tombstone, when, and why. */
function Shredded({ by }: { by: NonNullable<SealedEvent["shredded"]> }) {
  const t = useT();
  const locale = useLocale();
  return (
    <p className="c-unreadable" data-testid="c.viewer.shredded">
      {t("c.viewer.shredded", { number: by.number, time: dateTime(by.at, locale) })} {t(`c.viewer.shredded.${by.why}`)}
    </p>
  );
}

/** What participants were shown from then on, and whether they had read it before. */
function FateLine({ fate }: { fate: Fate }) {
  const t = useT();
  const values = { seq: fate.seq, time: exactClock(fate.at) };
  return (
    <p className="secondary c-fate" data-testid="c.viewer.fate" data-read={fate.read}>
      {t(`c.fate.${fate.what}`, values)} {t(fate.read ? "c.fate.read" : "c.fate.unread")}
    </p>
  );
}

function Evidence({ event, seen, people }: { event: SealedEvent; seen: Seen | undefined; people: ReadonlyMap<string, Person> }) {
  const t = useT();
  const state = sealOf(event);
  const Icon = SEAL[state];
  const reader = seen && people.get(seen.person);
  return (
    <div className="c-evidence" data-testid="c.viewer.evidence">
      <p>
        <span>{t("c.evidence.received", { time: exactClock(parseTime(event.sealed_at)) })}</span>
        <span>{event.tree_index === null ? t("c.evidence.waiting") : t("c.evidence.place", { index: event.tree_index })}</span>
        <span className="c-seal" data-integrity={state}>
          <Icon size={14} aria-hidden /> {t(sealId(state))}
        </span>
        {seen && reader && <span>{t("c.evidence.seen", { name: reader.name, time: exactClock(seen.at) })}</span>}
      </p>
      <p>
        {t("c.evidence.hash")} <code>{event.hash}</code>
      </p>
    </div>
  );
}

const sealId = (state: SealState) => `c.seal.${state}` as const;

const KINDS = ["consultation.opened", "consultation.claimed", "consultation.returned", "consultation.closed", "consultation.reopened", "consultation.extended", "message.posted", "message.retracted", "message.corrected", "voice.transcribed", "receipt.read", "side.opened", "side.joined", "notice.posted", "call.invited", "call.answered", "call.dropped", "call.returned", "call.ended", "captions.asked", "captions.answered", "captions.stopped", "recording.asked", "recording.answered", "recording.started", "recording.stopped", "recording.silent", "room.opened", "room.invited", "room.joined", "room.left", "room.closed"] as const;

/** "王秀兰（患者）发来消息": an act in a few words, with the name and role of who did it. */
export function useEventName(): (event: SealedEvent, person: Person | null) => string {
  const t = useT();
  const locale = useLocale();
  return (event, person) => {
    const name = person ? (person.role === "patient" ? t("c.viewer.patient", { name: person.name }) : fullName(person, locale)) : t("c.viewer.system");
    const kind = KINDS.find((one) => one === event.kind);
    if (!kind) return t("c.event.other", { name, kind: event.kind });
    const about = event.body?.["upto"] ?? event.body?.["of"];
    return t(`c.event.${kind}`, { name, upto: typeof about === "number" ? about : 0 });
  };
}
