import { useEffect, useMemo, useSyncExternalStore } from "react";
import { Conversation, type ConversationState } from "@core/conversation";
import { useLive } from "./live";

/** One consultation, live. `conversation` changes only with the id. */
export function useConversation(id: string): { conversation: Conversation; state: ConversationState } {
  const { socket, outbox } = useLive();
  const conversation = useMemo(() => new Conversation(id, socket, outbox), [id, socket, outbox]);
  useEffect(() => {
    void conversation.start();
    return () => conversation.stop();
  }, [conversation]);
  const state = useSyncExternalStore(conversation.subscribe, () => conversation.state);
  return { conversation, state };
}
