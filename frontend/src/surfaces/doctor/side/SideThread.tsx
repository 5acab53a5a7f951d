import { useEffect, useMemo, useRef, useState } from "react";
import { AtSign } from "lucide-react";
import { useQueryClient } from "@tanstack/react-query";
import type { Conversation } from "@core/conversation";
import type { Person, TimelineEvent } from "@core/protocol";
import { rowsOf } from "@core/rows";
import type { Side, SideDetail } from "@core/sides";
import { IconButton } from "@ui/Button";
import { Composer } from "@ui/Composer";
import { useSession } from "@ui/live";
import { MessageLog } from "@ui/MessageLog";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { ErrorState, Loading } from "@ui/states";
import { calledIn } from "@ui/talk/mentions";
import { useTalkPage } from "@ui/talk/useTalkPage";
import { useConversation } from "@ui/useConversation";
import { useSeen } from "@ui/useSeen";
import { useT } from "../words";
import { Members } from "./Members";
import { PeoplePicker } from "./PeoplePicker";
import "./side.css";

/** It opens at the newest words: a discussion is short. */
const AT_THE_END = { unread: 0, reading_cursor: 0 };

interface SideThreadProps {
  side: SideDetail;
  /** Takes a colleague's words into the reply to the patient; none for those who do not write to the patient. */
  onCite?: ((words: string) => void) | undefined;
  /** The page is about this discussion alone: an address may name a message in it. */
  alone?: boolean;
}

/** What clinicians say to each other about a case. The patient never sees it, which the page says all the time. */
export function SideThread({ side, onCite, alone = false }: SideThreadProps) {
  const t = useT();
  const me = useSession().person.id;
  const { conversation, state } = useConversation(side.id, false);
  useSeen(conversation, state);
  useCounted(state.timeline.cursor);
  useEffect(() => {
    if (!state.loading) conversation.know(side.cursors);
  }, [conversation, state.loading, side.cursors]);
  const [called, setCalled] = useState<readonly Person[]>([]);
  const people = useMemo(() => new Map([...side.members, ...called].map((person) => [person.id, person])), [side.members, called]);
  const rows = useMemo(() => rowsOf(state.timeline, me), [state.timeline, me]);
  const open = side.about.state !== "closed";
  const citation = useCitation(people);
  const cite = onCite && ((event: TimelineEvent) => onCite(citation(event)));
  const mentions = (text: string) => calledIn(text, [...people.values()]);
  const page = useTalkPage({ conversation, state, people, me, reader: "colleague", open, testid: "d.side", opening: AT_THE_END, linked: alone, mentions, onCite: cite });
  return (
    <div className="d-side" data-testid="d.side">
      <Members side={side} open={open} />
      {state.error && <ErrorState error={state.error} onRetry={() => void conversation.start()} />}
      {(state.loading || !page.ready) && !state.error ? (
        <Loading />
      ) : (
        <MessageLog
          title={t("d.side.title")}
          rows={rows}
          people={people}
          reader="colleague"
          talk={page.talk}
          handle={page.log}
          onLeave={page.leave}
          hasOlder={state.timeline.first > 1}
          loadingOlder={state.loadingOlder}
          onLoadOlder={() => void conversation.loadOlder()}
          onRetry={(item) => void conversation.retry(item)}
          onDrop={(item) => void conversation.drop(item)}
          testid="d.side.log"
        />
      )}
      {open ? (
        <SideComposer side={side} me={me} page={page} conversation={conversation} onCall={(person) => setCalled((before) => [...before, person])} />
      ) : (
        <p className="secondary d-side-closed">{t("d.side.closed")}</p>
      )}
      {page.overlay}
    </div>
  );
}

/** How long reading takes to be known to the server, ms. */
const COUNTED_MS = 1_500;

/** What was read here is not unread elsewhere on the page. */
function useCounted(cursor: number): void {
  const queries = useQueryClient();
  useEffect(() => {
    const timer = setTimeout(() => {
      void queries.invalidateQueries({ queryKey: ["sides"] });
      void queries.invalidateQueries({ queryKey: ["side"] });
    }, COUNTED_MS);
    return () => clearTimeout(timer);
  }, [cursor, queries]);
}

/** A colleague's words as they go into the reply: with the name of who said them. */
function useCitation(people: ReadonlyMap<string, Person>): (event: TimelineEvent) => string {
  const t = useT();
  const locale = useLocale();
  return (event) => {
    const author = event.sender && people.get(event.sender);
    const text = event.kind === "message.posted" ? event.body.text : "";
    return t("d.side.citation", { name: author ? fullName(author, locale) : t("d.side.colleague"), text });
  };
}

interface SideComposerProps {
  side: Side;
  me: string;
  page: ReturnType<typeof useTalkPage>;
  conversation: Conversation;
  onCall: (person: Person) => void;
}

/** The box of a discussion; an at sign, typed or pressed, calls a colleague. */
function SideComposer({ side, me, page, conversation, onCall }: SideComposerProps) {
  const t = useT();
  const [calling, setCalling] = useState(false);
  // An at sign that was typed is part of the name that follows it.
  const typed = useRef(false);
  const { composerProps, composer } = page;
  const call = (byKey: boolean) => {
    typed.current = byKey;
    setCalling(true);
  };
  const stop = () => {
    setCalling(false);
    composer.current?.focus();
  };
  const pick = (person: Person) => {
    onCall(person);
    setCalling(false);
    composer.current?.append(`${typed.current ? "" : "@"}${person.name} `);
  };
  const picker = calling && <PeoplePicker label={t("d.side.call")} without={new Set([me])} onPick={pick} onCancel={stop} />;
  const at = <IconButton icon={AtSign} label={t("d.side.call")} aria-expanded={calling} onClick={() => call(false)} data-testid="d.side.call" />;
  return (
    <Composer
      owner={me}
      place={side.id}
      {...composerProps}
      above={
        <>
          {picker}
          {composerProps.above}
        </>
      }
      tools={
        <>
          {at}
          {composerProps.tools}
        </>
      }
      onType={(text) => {
        conversation.typing();
        if (text.endsWith("@")) call(true);
      }}
      recipient={t("d.side.to")}
      label={t("d.side.write")}
      testid="d.side"
    />
  );
}
