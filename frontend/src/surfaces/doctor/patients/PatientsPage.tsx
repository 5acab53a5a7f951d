import { useState } from "react";
import { UsersRound } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@ui/router";
import { getPatients, type PatientRow } from "@core/charts";
import { ago, parseTime } from "@core/format";
import { TextField } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { useNow } from "@ui/staff/useNow";
import { EmptyState, Fetched } from "@ui/states";
import { useAbout } from "../people";
import { useT } from "../words";
import { Workbench } from "../Workbench";

/** Whoever is in my care now, the ones with news first. */
export function PatientsPage() {
  const t = useT();
  const patients = useQuery({ queryKey: ["patients"], queryFn: getPatients });
  return (
    <Workbench title={t("d.nav.patients")}>
      <div className="d-page">
        <Fetched query={patients} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={UsersRound} title={t("d.patients.none")} />}>
          {(all) => <Found all={all} />}
        </Fetched>
      </div>
    </Workbench>
  );
}

function Found({ all }: { all: readonly PatientRow[] }) {
  const t = useT();
  const locale = useLocale();
  const about = useAbout();
  const now = useNow(60_000);
  const [wanted, setWanted] = useState("");
  const found = all.filter(({ patient }) => `${patient.name} ${patient.mrn_tail}`.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <>
      <div className="d-narrow">
        <TextField label={t("d.patients.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} data-testid="d.patients.search" />
      </div>
      {found.length === 0 && <p role="status">{t("d.patients.noneFound")}</p>}
      {found.length > 0 && (
        <table className="d-table">
          <caption className="sr-only">{t("d.nav.patients")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("d.patients.name")}</th>
              <th scope="col">{t("d.patients.about")}</th>
              <th scope="col">{t("d.patients.tail")}</th>
              <th scope="col">{t("d.patients.last")}</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ patient, last_at }) => (
              <tr key={patient.id} data-testid="d.patients.row">
                <th scope="row">
                  <Link href={`/patients/${patient.id}`}>{patient.name}</Link>
                </th>
                <td>{about(patient)}</td>
                <td className="tabular">{patient.mrn_tail}</td>
                <td>{last_at ? ago(parseTime(last_at), locale, now) : t("d.patients.never")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
