import { Info } from "lucide-react";
import type { EventWith, Person } from "@core/protocol";
import { fullName } from "../names";
import { useLocale } from "../settings";
import { useUi } from "../words";
import { useTalkWords } from "./words";

interface RetractedProps {
  seq: number;
  by: Person | null;
  own: boolean;
  retraction: EventWith<"message.retracted"> | undefined;
}

/** Where a message was taken back: that it happened, and on demand what became of it. */
export function RetractedLine({ seq, by, own, retraction }: RetractedProps) {
  const t = useTalkWords();
  const ui = useUi();
  const locale = useLocale();
  const name = by ? fullName(by, locale) : ui("ui.someone");
  const reason = retraction?.body.reason;
  return (
    <details className="x-system x-retracted" data-testid="x.msg.retracted" data-seq={seq} tabIndex={-1}>
      <summary>
        {own ? t("tk.retracted.own") : t("tk.retracted", { name })}
        <Info size={16} aria-hidden />
      </summary>
      <p>{t("tk.retracted.info")}</p>
      {reason && <p>{t("tk.reason", { reason })}</p>}
    </details>
  );
}
