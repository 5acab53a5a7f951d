import { useQuery } from "@tanstack/react-query";
import { getConsultation, type ConsultationDetail } from "@core/consultations";
import { inLocale } from "@core/i18n";
import { useSession } from "../live";
import { fullName } from "../names";
import { useLocale } from "../settings";
import { useCall } from "./useCall";
import { useCallWords } from "./words";

export interface Other {
  /** Name and title; until it is known, "the medical team" or the patient's side. */
  name: string;
  /** Under it: a clinician's department; of a patient what keeps two of one name apart. */
  about: string;
  detail: ConsultationDetail | null;
}

/** Who is at the other end of the page's call, in words. */
export function usePeer(): Other {
  const t = useCallWords();
  const locale = useLocale();
  const me = useSession().person.id;
  const call = useCall();
  const id = call?.consultation ?? "";
  const { data = null } = useQuery({ queryKey: ["consultation", id], queryFn: () => getConsultation(id), enabled: id !== "" });
  if (!call || !data) return { name: t("ui.someone"), about: "", detail: null };
  const { patient, assignee, participants, department } = data;
  const mine = assignee?.id === me;
  const other = [...participants, patient, ...(assignee ? [assignee] : [])].find((one) => one.id === call.peer) ?? (mine ? patient : assignee);
  const name = other ? fullName(other, locale) : t("ui.someone");
  if (!mine) return { name, about: inLocale(department.name, locale), detail: data };
  const who = [patient.sex === "female" ? t("ca.female") : patient.sex === "male" ? t("ca.male") : "", patient.age === null ? "" : t("ca.age", { age: patient.age }), t("ca.tail", { tail: patient.mrn_tail })];
  const about = who.filter(Boolean).join(" · ");
  return { name, about: other?.id === patient.id ? about : t("ca.for", { name: patient.name, about }), detail: data };
}

/** Where this person reads and writes in the case of a call. */
export function usePage(consultation: string): string {
  return useSession().surface === "patient" ? `/consultations/${consultation}` : `/c/${consultation}`;
}
