import type { PatientBrief } from "@core/consultations";
import { useT } from "./words";

/** How a patient is named where two of the same name must not be confused. */
export function useIdentity(): (patient: PatientBrief) => string {
  const t = useT();
  const about = useAbout();
  return (patient) => t("d.patient.identity", { name: patient.name, about: about(patient), tail: patient.mrn_tail });
}

/** "女 71 岁" / "female, 71"; what is not recorded is left out. */
export function useAbout(): (patient: PatientBrief) => string {
  const t = useT();
  return ({ sex, age }) => {
    const parts = [sex === "female" ? t("d.sex.female") : sex === "male" ? t("d.sex.male") : "", age === null ? "" : t("d.age", { age })];
    return parts.filter(Boolean).join(t("d.join"));
  };
}
