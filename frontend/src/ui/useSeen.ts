import { useEffect } from "react";
import type { Conversation, ConversationState } from "@core/conversation";
import { useConnection } from "./live";

/** Tells the others how far this person has received, and read while the page is in front of them. Not before it is settled how far
 * they had read: the answer to that would be what is told here. */
export function useSeen(conversation: Conversation, state: ConversationState): void {
  const connection = useConnection();
  const { settled } = state;
  const { cursor } = state.timeline;
  useEffect(() => {
    const tell = () => {
      if (settled && cursor > 0) conversation.seen(document.visibilityState === "visible");
    };
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [conversation, cursor, connection, settled]);
}
