import { FileLock, FileX, Lock } from "lucide-react";
import type { Schemas } from "@core/protocol";
import { Chip } from "../Chip";
import { useStaff } from "./words";

type Kept = Schemas["Case"]["kept"];

const ICONS = { sealed: FileLock, shredded: FileX } as const;

/** What has become of a case's words, and whether a legal hold keeps them: nothing for a case that is kept as any other. */
export function KeptChips({ kept, held = false }: { kept: Kept; held?: boolean }) {
  const t = useStaff();
  return (
    <>
      {held && (
        <Chip tone="warn" icon={Lock} data-testid="x.held">
          {t("st.held")}
        </Chip>
      )}
      {kept && (
        <Chip tone="warn" icon={ICONS[kept]} data-testid="x.kept" data-kept={kept}>
          {t(`st.kept.${kept}`)}
        </Chip>
      )}
    </>
  );
}
