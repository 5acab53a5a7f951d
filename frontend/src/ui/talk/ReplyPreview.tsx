import { X } from "lucide-react";
import { Button } from "../Button";
import type { Quoted } from "./context";
import { QuoteLines } from "./Quote";
import { useTalkWords } from "./words";

/** Over the box: what is being answered, and the way not to. */
export function ReplyPreview({ quoted, onDrop }: { quoted: Quoted; onDrop: () => void }) {
  const t = useTalkWords();
  return (
    <div className="x-replying" data-testid="x.replying">
      <div className="x-quote">
        <QuoteLines quoted={quoted} />
      </div>
      <Button size="small" variant="quiet" icon={X} onClick={onDrop} data-testid="x.replying.drop">
        {t("tk.reply.drop")}
      </Button>
    </div>
  );
}
