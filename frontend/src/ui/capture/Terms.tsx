import { TEXT_VERSION } from "./consent";
import { useCaptureWords } from "./words";

/** What everybody agrees to who lets a call be recorded; the server is told which wording it was. */
export function Terms() {
  const t = useCaptureWords();
  return (
    <>
      <ul className="cp-terms">
        <li>{t("cp.sheet.what")}</li>
        <li>{t("cp.sheet.stop")}</li>
        <li>{t("cp.sheet.withdraw")}</li>
      </ul>
      <p className="secondary">{t("cp.sheet.version", { version: TEXT_VERSION })}</p>
    </>
  );
}
