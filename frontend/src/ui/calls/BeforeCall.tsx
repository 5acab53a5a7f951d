import { Accessibility, History } from "lucide-react";
import type { ConsultationDetail } from "@core/consultations";
import { dateTime, spokenLength } from "@core/format";
import { useLocale } from "../settings";
import { useCallWords } from "./words";

type Known = NonNullable<ConsultationDetail["before_call"]>;

/** D-5: what talking with this patient needs, and how the last call with them went. */
export function BeforeCall({ needs, language, last_call }: Known) {
  const t = useCallWords();
  const locale = useLocale();
  const all = [...needs.map((need) => t(`ca.before.${need}`)), ...(language === locale ? [] : [t(`ca.before.language.${language}`)])];
  return (
    <ul className="k-before" data-testid="k.before">
      <li data-needs={needs.length > 0}>
        <Accessibility size={20} aria-hidden />
        <span>{all.length ? all.join(t("ui.listJoin")) : t("ca.before.none")}</span>
      </li>
      <li>
        <History size={20} aria-hidden />
        <span>{last_call ? <LastCall call={last_call} /> : t("ca.before.first")}</span>
      </li>
    </ul>
  );
}

function LastCall({ call }: { call: NonNullable<Known["last_call"]> }) {
  const t = useCallWords();
  const locale = useLocale();
  const { at, duration_s, poor_s, state, mine, media } = call;
  const what = t(media.includes("video") ? "ca.before.video" : "ca.before.voice");
  const how = duration_s === null ? t(mine ? `ca.before.not.${state === "failed" || state === "ended" ? "missed" : state}` : "ca.before.not.theirs") : spokenLength(duration_s, locale);
  const poor = poor_s > 0 ? [t("ca.before.poor", { length: spokenLength(poor_s, locale) })] : [];
  return [t("ca.before.last", { when: dateTime(at, locale), what }), how, ...poor].join(" · ");
}
