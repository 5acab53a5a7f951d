import { useEffect, useMemo, useSyncExternalStore } from "react";
import { Conversation, type ConversationState } from "@core/conversation";
import { useLive } from "./live";

/** One thread, live: a case, or (`headed` false) a side thread. `conversation` changes only with the id. */
export function useConversation(id: string, headed = true): { conversation: Conversation; state: ConversationState } {
  const { session, socket, outbox } = useLive();
  const undoable = session.surface === "doctor";
  const conversation = useMemo(() => new Conversation(id, socket, outbox, undoable && headed, headed), [id, socket, outbox, undoable, headed]);
  useEffect(() => {
    void conversation.start();
    return () => conversation.stop();
  }, [conversation]);
  const state = useSyncExternalStore(conversation.subscribe, () => conversation.state);
  return { conversation, state };
}
