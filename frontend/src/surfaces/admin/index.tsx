import { StaffShell } from "@ui/StaffShell";
import { EmptyState } from "@ui/states";
import { useT } from "./words";

export { words } from "./words";

export default function AdminSurface() {
  const t = useT();
  return (
    <StaffShell title={t("a.title")} nav={[]}>
      <EmptyState title={t("a.none")} />
    </StaffShell>
  );
}
