import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ConsultationDetail } from "@core/consultations";
import { codedFrom } from "@core/errors";
import { newClientId } from "@core/ids";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { RadioGroup } from "@ui/fields";
import { useLive } from "@ui/live";
import { ErrorState } from "@ui/states";
import { useIdentity } from "../people";
import { useT } from "../words";

const ROUNDS = [0, 1, 3, 5] as const;
const HOURS = [0, 24, 72, 168] as const;

/** The treating doctor gives the patient more questions or more time. */
export function ExtendDialog({ detail, onDone }: { detail: ConsultationDetail; onDone: () => void }) {
  const t = useT();
  const identity = useIdentity();
  const { socket } = useLive();
  const queries = useQueryClient();
  const { rounds: limit, until } = detail.terms;
  const [rounds, setRounds] = useState(limit === null ? 0 : 3);
  const [hours, setHours] = useState(limit === null ? 24 : 0);
  const [client_id] = useState(newClientId); // the same at every try: a lost answer must not make a second act
  const giving = useMutation({
    mutationFn: () => socket.request({ type: "consultation.extend", consultation: detail.id, client_id, rounds, hours }),
    onSuccess: () => {
      toast(t("d.extend.done"));
      void queries.invalidateQueries({ queryKey: ["consultation", detail.id] });
      onDone();
    },
  });
  const actions = (
    <>
      <Button onClick={onDone}>{t("d.cancel")}</Button>
      <Button variant="primary" disabled={rounds + hours === 0} pending={giving.isPending} onClick={() => giving.mutate()} data-testid="d.conv.extend.submit">
        {t("d.extend.submit")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("d.extend.title", { who: identity(detail.patient) })} onClose={onDone} actions={actions} testid="d.conv.extend.dialog">
      {giving.isError && <ErrorState error={codedFrom(giving.error)} />}
      {limit !== null && (
        <RadioGroup
          label={t("d.extend.rounds")}
          value={String(rounds)}
          options={ROUNDS.map((count) => ({ value: String(count), label: t("d.extend.rounds.more", { count }) }))}
          onChange={(value) => setRounds(Number(value))}
          testid="d.conv.extend.rounds"
        />
      )}
      {until !== null && (
        <RadioGroup
          label={t("d.extend.hours")}
          value={String(hours)}
          options={HOURS.map((count) => ({ value: String(count), label: t("d.extend.hours.more", { days: count / 24 }) }))}
          onChange={(value) => setHours(Number(value))}
          testid="d.conv.extend.hours"
        />
      )}
      <p className="secondary">{t("d.extend.what")}</p>
    </Dialog>
  );
}
