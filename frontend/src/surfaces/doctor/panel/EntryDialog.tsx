import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { addEntry, amendEntry, ENTRY_KINDS, type ChartEntry, type EntryKind } from "@core/charts";
import type { PatientBrief } from "@core/consultations";
import { codedFrom } from "@core/errors";
import { clientIds } from "@core/ids";
import { LIMITS } from "@core/protocol";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { Select, TextArea, TextField } from "@ui/fields";
import { languageOf } from "@ui/names";
import { ErrorState } from "@ui/states";
import { useIdentity } from "../people";
import { useT } from "../words";
import { METRICS, metricOf, problemsOf, valueOf, type EntryForm } from "./entryForm";

interface EntryDialogProps {
  patient: PatientBrief;
  /** The entry to put right; null writes a new one. */
  amends?: ChartEntry | null;
  kind?: EntryKind;
  onDone: () => void;
}

/** A new entry, or a corrected one beside the earlier, which stays. */
export function EntryDialog({ patient, amends = null, kind = "note", onDone }: EntryDialogProps) {
  const t = useT();
  const identity = useIdentity();
  const [form, setForm] = useState<EntryForm>(() => ({
    kind: amends?.kind ?? kind,
    text: amends?.text ?? "",
    number: amends?.value ? String(amends.value.number) : "",
    metric: amends?.value ? metricOf(amends.value) : "none",
    reason: "",
  }));
  const [checked, setChecked] = useState(false);
  const saving = useSaving(patient, amends, form, onDone);
  const problems = problemsOf(form, amends !== null);
  const change = (part: Partial<EntryForm>) => setForm((was) => ({ ...was, ...part }));
  const submit = () => {
    setChecked(true);
    if (problems.length === 0) saving.mutate();
  };
  const actions = (
    <>
      <Button onClick={onDone}>{t("d.cancel")}</Button>
      <Button variant="primary" pending={saving.isPending} onClick={submit} data-testid="d.entry.save">
        {t("d.entry.save")}
      </Button>
    </>
  );
  const wrong = (problem: (typeof problems)[number]) => (checked && problems.includes(problem) ? t(`d.entry.problem.${problem}`) : null);
  return (
    <Dialog title={t(amends ? "d.entry.amendTitle" : "d.entry.addTitle", { who: identity(patient) })} onClose={onDone} actions={actions} testid="d.entry.dialog">
      {saving.isError && <ErrorState error={codedFrom(saving.error)} />}
      {amends ? (
        <div>
          <p className="secondary">{t("d.entry.now")}</p>
          <p className="own-words" lang={languageOf(amends.text)}>
            {amends.text}
          </p>
        </div>
      ) : (
        <Select
          label={t("d.entry.kind")}
          value={form.kind}
          options={ENTRY_KINDS.map((value) => ({ value, label: t(`d.kind.${value}`) }))}
          onChange={(value) => change({ kind: value })}
          data-testid="d.entry.kind"
        />
      )}
      {form.kind === "reading" && <Reading form={form} onChange={change} error={wrong("number")} />}
      <TextArea label={t("d.entry.text")} rows={3} value={form.text} maxLength={4000} error={wrong("text")} onChange={(event) => change({ text: event.target.value })} data-testid="d.entry.text" />
      {amends && (
        <TextArea label={t("d.entry.reason")} rows={2} value={form.reason} maxLength={LIMITS.reason} error={wrong("reason")} onChange={(event) => change({ reason: event.target.value })} data-testid="d.entry.reason" />
      )}
      {amends && <p className="secondary">{t("d.entry.stays")}</p>}
    </Dialog>
  );
}

function Reading({ form, onChange, error }: { form: EntryForm; onChange: (part: Partial<EntryForm>) => void; error: string | null }) {
  const t = useT();
  return (
    <div className="d-two">
      <Select
        label={t("d.entry.metric")}
        value={form.metric}
        options={METRICS.map(({ id }) => ({ value: id, label: t(`d.metric.${id}`) }))}
        onChange={(metric) => onChange({ metric })}
        data-testid="d.entry.metric"
      />
      <TextField
        label={t("d.entry.number")}
        inputMode="decimal"
        value={form.number}
        disabled={form.metric === "none"}
        error={error}
        onChange={(event) => onChange({ number: event.target.value })}
        data-testid="d.entry.number"
      />
    </div>
  );
}

function useSaving(patient: PatientBrief, amends: ChartEntry | null, form: EntryForm, onDone: () => void) {
  const t = useT();
  const queries = useQueryClient();
  const [idOf] = useState(clientIds);
  return useMutation({
    mutationFn: () => {
      const body = { client_id: idOf(form), text: form.text.trim(), value: valueOf(form) };
      if (amends) return amendEntry(patient.id, amends.id, { ...body, reason: form.reason.trim() });
      return addEntry(patient.id, { ...body, kind: form.kind });
    },
    onSuccess: () => {
      toast(t(amends ? "d.entry.amended" : "d.entry.added"));
      void queries.invalidateQueries({ queryKey: ["chart", patient.id] });
      onDone();
    },
  });
}
