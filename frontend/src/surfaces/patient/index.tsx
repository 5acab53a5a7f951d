import { PatientShell } from "@ui/PatientShell";
import { useT } from "./words";

export { words } from "./words";

export default function PatientSurface() {
  const t = useT();
  return <PatientShell title={t("p.title")}>{null}</PatientShell>;
}
