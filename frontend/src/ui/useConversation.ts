import { useEffect, useMemo, useSyncExternalStore } from "react";
import { Conversation, type ConversationState } from "@core/conversation";
import { useLive } from "./live";

/** One consultation, live. `conversation` changes only with the id. */
export function useConversation(id: string): { conversation: Conversation; state: ConversationState } {
  const { session, socket, outbox } = useLive();
  const undoable = session.surface === "doctor";
  const conversation = useMemo(() => new Conversation(id, socket, outbox, undoable), [id, socket, outbox, undoable]);
  useEffect(() => {
    void conversation.start();
    return () => conversation.stop();
  }, [conversation]);
  const state = useSyncExternalStore(conversation.subscribe, () => conversation.state);
  return { conversation, state };
}
