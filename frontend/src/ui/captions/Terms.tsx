import { useCaptionWords } from "./words";

/** What everybody agrees to who lets their voice be captioned. */
export function Terms() {
  const t = useCaptionWords();
  return (
    <ul className="cs-terms">
      <li>{t("cs.terms.machine")}</li>
      <li>{t("cs.terms.kept")}</li>
      <li>{t("cs.terms.stop")}</li>
    </ul>
  );
}
