import { useCallback, useEffect, useRef, useState } from "react";
import type { Conversation, ConversationState } from "@core/conversation";
import type { LogHandle } from "../MessageLog";
import { useSearch } from "../router";

/** Pages of older messages that are asked for at most on the way to one of them. */
const MOST_PAGES = 400;
/** And, before the conversation is shown, on the way to the first unread one. */
const MOST_UNREAD_PAGES = 4;

/** Where a conversation opens, and going to a message however far back it is. `?at=` in the address names one to open at. */
export function useJump(conversation: Conversation, state: ConversationState, log: React.RefObject<LogHandle | null>, opening: { unread: number; reading_cursor: number } | null) {
  const { timeline, loading } = state;
  const asked = Number(new URLSearchParams(useSearch()).get("at")) || null;
  const readUpto = useFirst(opening && (opening.unread > 0 ? opening.reading_cursor : 0));
  const [reached, setReached] = useState(false);
  const wanted = useRef<number | null>(null);
  const jump = useCallback(
    (seq: number) => {
      if (log.current?.show(seq)) return;
      wanted.current = seq;
      void reach(conversation, seq, MOST_PAGES);
    },
    [conversation, log],
  );
  useEffect(() => {
    if (loading || readUpto === null) return;
    let current = true;
    void reach(conversation, asked ?? (readUpto || Infinity), asked ? MOST_PAGES : MOST_UNREAD_PAGES).finally(() => current && setReached(true));
    return () => {
      current = false;
    };
  }, [conversation, loading, readUpto, asked]);
  useEffect(() => {
    if (wanted.current !== null && log.current?.show(wanted.current)) wanted.current = null;
  }, [timeline.first, log]);
  useEffect(() => {
    if (reached && asked) log.current?.show(asked);
  }, [reached, asked, log]);
  return { jump, readUpto: asked ? null : readUpto || null, ready: reached };
}

/** Loads older pages until the message is there, or there is nothing older, or it does not get on. */
async function reach(conversation: Conversation, seq: number, pages: number): Promise<void> {
  for (let page = 0; page < pages; page++) {
    const { first } = conversation.state.timeline;
    if (first <= seq) return;
    await conversation.loadOlder().catch(() => undefined);
    if (conversation.state.timeline.first === first) return;
  }
}

/** The first value that is not null; later ones do not change it. */
function useFirst(value: number | null): number | null {
  const [kept, keep] = useState(value);
  if (kept === null && value !== null) keep(value);
  return kept;
}
