import { StaffShell } from "@ui/StaffShell";
import { useT } from "./words";

export { words } from "./words";

export default function DoctorSurface() {
  const t = useT();
  return (
    <StaffShell title={t("d.title")} nav={[]}>
      {null}
    </StaffShell>
  );
}
