import { SearchBox } from "@ui/search/SearchBox";
import type { SearchHit } from "@core/search";
import { useIdentity } from "./people";
import { useT } from "./words";
import { Workbench } from "./Workbench";

/** Everything said in one's own conversations and discussions, by words. */
export function SearchPage() {
  const t = useT();
  const identity = useIdentity();
  return (
    <Workbench title={t("d.nav.search")}>
      <div className="d-page">
        <SearchBox hrefOf={hrefOf} titleOf={(hit) => (hit.kind === "side" ? t("d.side.about", { who: identity(hit.patient) }) : identity(hit.patient))} />
      </div>
    </Workbench>
  );
}

function hrefOf({ kind, consultation, case: about, seq }: SearchHit): string {
  return kind === "side" ? `/sides/${about ?? ""}?at=${seq}` : `/c/${consultation}?at=${seq}`;
}
