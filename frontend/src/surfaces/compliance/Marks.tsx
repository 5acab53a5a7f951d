import { Bookmark, Siren } from "lucide-react";
import { Chip } from "@ui/Chip";
import { KeptChips } from "@ui/staff/KeptChips";
import type { Case } from "./api";
import { useT } from "./words";

/** What nobody may overlook of a case, wherever it is listed: danger signs, a hold, words that are sealed off or gone; and how much one
 * has marked in it oneself. */
export function Marks({ found, annotations = 0 }: { found: Pick<Case, "flags" | "held" | "kept">; annotations?: number }) {
  const t = useT();
  return (
    <>
      {found.flags > 0 && (
        <Chip tone="danger" icon={Siren} data-testid="c.mark.flags">
          {t("c.case.flags", { count: found.flags })}
        </Chip>
      )}
      <KeptChips kept={found.kept} held={found.held} />
      {annotations > 0 && (
        <Chip icon={Bookmark} data-testid="c.mark.own">
          {t("c.case.marked", { count: annotations })}
        </Chip>
      )}
    </>
  );
}
