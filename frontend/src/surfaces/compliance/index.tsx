import { StaffShell } from "@ui/StaffShell";
import { useT } from "./words";

export { words } from "./words";

export default function ComplianceSurface() {
  const t = useT();
  return (
    <StaffShell title={t("c.title")} nav={[]}>
      {null}
    </StaffShell>
  );
}
