import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { codedFrom } from "@core/errors";
import { clientIds } from "@core/ids";
import { LIMITS } from "@core/protocol";
import { Button } from "@ui/Button";
import { TextArea } from "@ui/fields";
import { useLive } from "@ui/live";
import { ErrorState } from "@ui/states";
import { useT } from "../words";

/** Stands where the composer would: a closed consultation is opened again with a reason. */
export function ReopenBar({ id }: { id: string }) {
  const t = useT();
  const { socket } = useLive();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [idOf] = useState(clientIds);
  const [checked, setChecked] = useState(false);
  const reopening = useMutation({
    mutationFn: () => socket.request({ type: "consultation.reopen", consultation: id, client_id: idOf(reason.trim()), reason: reason.trim() }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["queue"] });
      void queries.invalidateQueries({ queryKey: ["consultation", id] });
    },
  });
  if (!open) {
    return (
      <div className="d-reopen row">
        <p className="secondary">{t("d.reopen.closed")}</p>
        <Button icon={RotateCcw} onClick={() => setOpen(true)} data-testid="d.conv.reopen">
          {t("d.reopen")}
        </Button>
      </div>
    );
  }
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (reason.trim()) reopening.mutate();
  };
  return (
    <form className="d-reopen stack" onSubmit={submit} noValidate>
      {reopening.isError && <ErrorState error={codedFrom(reopening.error)} />}
      <TextArea
        ref={(area) => area?.focus()}
        rows={2}
        label={t("d.reopen.reason")}
        value={reason}
        maxLength={LIMITS.reason}
        error={checked && !reason.trim() ? t("d.reason.missing") : null}
        onChange={(event) => setReason(event.target.value)}
        data-testid="d.conv.reopen.reason"
      />
      <div className="row">
        <Button type="submit" variant="primary" pending={reopening.isPending} data-testid="d.conv.reopen.submit">
          {t("d.reopen")}
        </Button>
        <Button onClick={() => setOpen(false)}>{t("d.cancel")}</Button>
      </div>
    </form>
  );
}
