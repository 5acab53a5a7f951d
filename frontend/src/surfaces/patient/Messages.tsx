import { MessagesSquare, Search } from "lucide-react";
import { PatientShell } from "@ui/PatientShell";
import { EmptyState, Fetched } from "@ui/states";
import { ButtonLink } from "./ButtonLink";
import { ConsultationCard } from "./ConsultationCard";
import { useConsultations, useNav } from "./nav";
import { useT } from "./words";

/** Every consultation, newest first. */
export function Messages() {
  const t = useT();
  const consultations = useConsultations();
  const ask = (
    <ButtonLink href="/ask" variant="primary">
      {t("p.home.ask")}
    </ButtonLink>
  );
  return (
    <PatientShell title={t("p.nav.messages")} nav={useNav()}>
      <Fetched query={consultations} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={MessagesSquare} title={t("p.home.empty")} action={ask} />}>
        {(all) => (
          <>
            <ButtonLink href="/search" icon={Search} testid="p.messages.search">
              {t("p.search")}
            </ButtonLink>
            <ul className="stack">
              {all.map((one) => (
                <li key={one.id}>
                  <ConsultationCard consultation={one} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Fetched>
    </PatientShell>
  );
}
