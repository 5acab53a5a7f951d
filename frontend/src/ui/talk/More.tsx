import { Ellipsis } from "lucide-react";
import { useTalk } from "./context";
import { useTalkWords } from "./words";

/** The way to what can be done with a message: a tap; a long press and Enter come through it too. Not a stop of the Tab key: the
 * arrows walk the messages. */
export function More({ seq }: { seq: number }) {
  const t = useTalkWords();
  const talk = useTalk();
  if (!talk) return null;
  return (
    <button
      type="button"
      className="x-more"
      tabIndex={-1}
      data-more
      aria-haspopup={talk.reader === "patient" ? "dialog" : "menu"}
      // A new message is announced by its words, not by its button.
      aria-live="off"
      aria-label={t("tk.more")}
      title={t("tk.more")}
      onClick={(event) => talk.openMenu({ seq, anchor: event.currentTarget })}
      data-testid="x.msg.more"
    >
      <Ellipsis size={20} aria-hidden />
    </button>
  );
}
