import { day, dateTime } from "@core/format";
import { useLocale } from "@ui/settings";
import type { Remaining } from "@ui/talk/terms";
import { useTalkWords } from "@ui/talk/words";

/** What is left of this consultation, as plain facts; a day before its end also what to do. */
export function TermsStrip({ left }: { left: Remaining }) {
  const t = useTalkWords();
  const locale = useLocale();
  const { rounds, until, soon } = left;
  const parts = [rounds === null ? "" : t("tk.terms.rounds", { rounds }), until === null ? "" : t("tk.terms.until", { date: soon ? dateTime(until, locale) : day(until, locale) })];
  return (
    <p className="p-terms" data-soon={soon} data-testid="p.chat.terms">
      {t("tk.terms.left", { what: parts.filter(Boolean).join(" · ") })}
    </p>
  );
}

/** One day before the end: a quiet line under the last message. */
export function EndsSoon({ until }: { until: number }) {
  const t = useTalkWords();
  const locale = useLocale();
  return (
    <p className="x-system" data-testid="p.chat.endsSoon">
      {t("tk.terms.soon", { time: dateTime(until, locale) })}
    </p>
  );
}
