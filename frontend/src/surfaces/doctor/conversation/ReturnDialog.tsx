import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "@ui/router";
import type { ConsultationDetail } from "@core/consultations";
import { codedFrom } from "@core/errors";
import { clientIds } from "@core/ids";
import { LIMITS } from "@core/protocol";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { TextArea } from "@ui/fields";
import { useLive } from "@ui/live";
import { ErrorState } from "@ui/states";
import { useIdentity } from "../people";
import { useT } from "../words";

/** Back to the queue, for a colleague; the reason stands in the record. */
export function ReturnDialog({ detail, onDone }: { detail: ConsultationDetail; onDone: () => void }) {
  const t = useT();
  const identity = useIdentity();
  const { socket, outbox } = useLive();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [reason, setReason] = useState("");
  const [idOf] = useState(clientIds);
  const [checked, setChecked] = useState(false);
  const giving = useMutation({
    mutationFn: async () => {
      await outbox.release(detail.id); // while one may still write there
      return socket.request({ type: "consultation.return", consultation: detail.id, client_id: idOf(reason.trim()), reason: reason.trim() });
    },
    onSuccess: () => {
      toast(t("d.return.done", { name: detail.patient.name }));
      void queries.invalidateQueries({ queryKey: ["queue"] });
      go("/");
    },
  });
  const submit = () => {
    setChecked(true);
    if (reason.trim()) giving.mutate();
  };
  const actions = (
    <>
      <Button onClick={onDone}>{t("d.keep")}</Button>
      <Button variant="primary" pending={giving.isPending} onClick={submit} data-testid="d.conv.return.submit">
        {t("d.return.submit")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("d.return.title", { who: identity(detail.patient) })} onClose={onDone} actions={actions} testid="d.conv.return.dialog">
      <p>{t("d.return.what")}</p>
      {giving.isError && <ErrorState error={codedFrom(giving.error)} />}
      <TextArea
        label={t("d.reason")}
        value={reason}
        maxLength={LIMITS.reason}
        error={checked && !reason.trim() ? t("d.reason.missing") : null}
        onChange={(event) => setReason(event.target.value)}
        data-testid="d.conv.return.reason"
      />
    </Dialog>
  );
}
