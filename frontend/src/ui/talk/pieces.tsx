import { Copy, Pencil, Quote, Reply, ScanEye, Undo2, type LucideIcon } from "lucide-react";
import type { TimelineEvent } from "@core/protocol";
import { languageOf } from "../names";
import type { MessageAction } from "./actions";
import { useTalkWords, type TalkId } from "./words";

export const LOOKS: Record<MessageAction, readonly [LucideIcon, TalkId]> = {
  reply: [Reply, "tk.reply"],
  cite: [Quote, "tk.cite"],
  copy: [Copy, "tk.copy"],
  correct: [Pencil, "tk.correct"],
  retract: [Undo2, "tk.retract"],
  details: [ScanEye, "tk.details"],
};

export function Excerpt({ event }: { event: TimelineEvent }) {
  const t = useTalkWords();
  const text = event.kind === "message.posted" ? event.body.text : "";
  return (
    <blockquote className="x-excerpt own-words" lang={text ? languageOf(text) : undefined}>
      {text || t("tk.quote.media")}
    </blockquote>
  );
}
