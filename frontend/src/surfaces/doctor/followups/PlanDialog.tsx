import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getPatients } from "@core/charts";
import type { PatientBrief } from "@core/consultations";
import { codedFrom } from "@core/errors";
import { fieldTime } from "@core/format";
import { planFollowUp } from "@core/recordings";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { Select, TextField } from "@ui/fields";
import { ErrorState } from "@ui/states";
import { useIdentity } from "../people";
import { useT } from "../words";
import { tomorrowMorning } from "./due";

const TITLE_CHARS = 120;

/** Plans a call that I am to make. Without `patient` one of those in my care is chosen. */
export function PlanDialog({ patient, onDone }: { patient: PatientBrief | null; onDone: () => void }) {
  const t = useT();
  const identity = useIdentity();
  const queries = useQueryClient();
  const patients = useQuery({ queryKey: ["patients"], queryFn: getPatients, enabled: patient === null });
  const [who, setWho] = useState(patient?.id ?? "");
  const [title, setTitle] = useState("");
  const [due, setDue] = useState(() => fieldTime(tomorrowMorning(Date.now())));
  const [checked, setChecked] = useState(false);
  const planning = useMutation({
    mutationFn: () => planFollowUp({ patient: who, title: title.trim(), due_at: new Date(due).toISOString() }),
    onSuccess: () => {
      toast(t("d.followup.planned"));
      void queries.invalidateQueries({ queryKey: ["followups"] });
      onDone();
    },
  });
  const submit = () => {
    setChecked(true);
    if (who && title.trim() && due) planning.mutate();
  };
  const choices = (patients.data ?? []).map((row) => ({ value: row.patient.id, label: identity(row.patient) }));
  const actions = (
    <>
      <Button onClick={onDone}>{t("d.cancel")}</Button>
      <Button variant="primary" pending={planning.isPending} onClick={submit} data-testid="d.followup.save">
        {t("d.followup.save")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("d.followup.plan")} onClose={onDone} actions={actions} testid="d.followup.dialog">
      {planning.isError && <ErrorState error={codedFrom(planning.error)} />}
      {patients.isError && <ErrorState error={codedFrom(patients.error)} onRetry={() => void patients.refetch()} />}
      {patient ? (
        <p>
          <strong>{identity(patient)}</strong>
        </p>
      ) : (
        <Select
          label={t("d.followup.who")}
          value={who}
          options={[{ value: "", label: t("d.followup.choose") }, ...choices]}
          error={checked && !who ? t("d.followup.who.missing") : null}
          onChange={setWho}
          data-testid="d.followup.who"
        />
      )}
      <TextField
        label={t("d.followup.title")}
        hint={t("d.followup.title.hint")}
        value={title}
        maxLength={TITLE_CHARS}
        error={checked && !title.trim() ? t("d.followup.title.missing") : null}
        onChange={(event) => setTitle(event.target.value)}
        data-testid="d.followup.title"
      />
      <TextField
        type="datetime-local"
        label={t("d.followup.due")}
        value={due}
        error={checked && !due ? t("d.followup.due.missing") : null}
        onChange={(event) => setDue(event.target.value)}
        data-testid="d.followup.due"
      />
    </Dialog>
  );
}
