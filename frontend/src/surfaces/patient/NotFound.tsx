import { EmptyState } from "@ui/states";
import { PatientShell } from "@ui/PatientShell";
import { ButtonLink } from "./ButtonLink";
import { useNav } from "./nav";
import { useT } from "./words";

export function NotFound() {
  const t = useT();
  return (
    <PatientShell title={t("p.notFound")} nav={useNav()}>
      <EmptyState title={t("p.notFound.text")} action={<ButtonLink href="/">{t("p.toHome")}</ButtonLink>} />
    </PatientShell>
  );
}
