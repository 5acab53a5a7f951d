import { inLocale } from "@core/i18n";
import type { SearchHit } from "@core/search";
import { PatientShell } from "@ui/PatientShell";
import { SearchBox } from "@ui/search/SearchBox";
import { useSearchWords } from "@ui/search/words";
import { useLocale } from "@ui/settings";

export { searchWords as words } from "@ui/search/words";

/** What was said in one's own conversations, by words. */
export default function SearchPage() {
  const t = useSearchWords();
  const locale = useLocale();
  const titleOf = ({ kind, department }: SearchHit) => (kind === "notices" || !department ? t("sr.notices") : inLocale(department.name, locale));
  const hrefOf = ({ kind, consultation, seq }: SearchHit) => (kind === "notices" ? "/notices" : `/consultations/${consultation}?at=${seq}`);
  return (
    <PatientShell title={t("sr.title")} back="/messages">
      <SearchBox titleOf={titleOf} hrefOf={hrefOf} />
    </PatientShell>
  );
}
