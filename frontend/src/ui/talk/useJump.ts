import { useCallback, useEffect, useRef, useState } from "react";
import { MOST } from "@core/consultations";
import type { Conversation, ConversationState } from "@core/conversation";
import type { LogHandle } from "../MessageLog";
import { useSearch } from "../router";

/** Pages of older messages that are asked for at most on the way to one of them: 20,000 messages. */
const MOST_PAGES = 100;
/** Read with what is looked for: a little of what was said before it. */
const BEFORE = 10;
/** And, before the conversation is shown, on the way to the first unread one. */
const MOST_UNREAD_PAGES = 4;

interface JumpOptions {
  conversation: Conversation;
  state: ConversationState;
  /** How far this person had read; null until that is known. */
  opening: { unread: number; reading_cursor: number } | null;
  /** Whether `?at=` in the address names a message of this thread. */
  linked: boolean;
}

/** Where a conversation opens, and going to a message however far back it is. */
export function useJump(logRef: React.RefObject<LogHandle | null>, { conversation, state, opening, linked }: JumpOptions) {
  const { timeline, loading } = state;
  const at = Number(new URLSearchParams(useSearch()).get("at"));
  const asked = linked && at ? at : null;
  const readUpto = useFirst(opening && (opening.unread > 0 ? opening.reading_cursor : 0));
  const [ready, setReady] = useState(false);
  const wanted = useRef<number | null>(null);
  const jump = useCallback(
    (seq: number) => {
      if (logRef.current?.show(seq)) return;
      wanted.current = seq;
      void reach(conversation, seq, MOST_PAGES);
    },
    [conversation, logRef],
  );
  useEffect(() => {
    if (loading || readUpto === null) return;
    let current = true;
    void reach(conversation, readUpto || Infinity, MOST_UNREAD_PAGES).finally(() => current && setReady(true));
    return () => {
      current = false;
    };
  }, [conversation, loading, readUpto]);
  useEffect(() => {
    if (wanted.current !== null && logRef.current?.show(wanted.current)) wanted.current = null;
  }, [timeline.first, logRef]);
  useEffect(() => {
    if (ready && asked) jump(asked);
  }, [ready, asked, jump]);
  return { jump, readUpto: readUpto || null, ready };
}

/** Loads older pages until the message is there, or there is nothing older, or it does not get on. */
async function reach(conversation: Conversation, seq: number, pages: number): Promise<void> {
  for (let page = 0; page < pages; page++) {
    const { first } = conversation.state.timeline;
    if (first <= seq) return;
    await conversation.loadOlder(Math.min(MOST, Math.max(BEFORE, first - seq + BEFORE))).catch(() => undefined);
    if (conversation.state.timeline.first === first) return;
  }
}

/** The first value that is not null; later ones do not change it. */
function useFirst(value: number | null): number | null {
  const [kept, keep] = useState(value);
  if (kept === null && value !== null) keep(value);
  return kept;
}
