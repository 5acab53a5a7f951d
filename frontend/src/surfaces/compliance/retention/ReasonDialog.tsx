import { useState, type ReactNode } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { TextArea } from "@ui/fields";
import { ErrorState } from "@ui/states";
import { useT } from "../words";

interface ReasonDialogProps {
  title: string;
  what: ReactNode;
  confirm: string;
  /** No reason is asked for where this is left out. */
  label?: string;
  danger?: boolean;
  act: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

const SHORTEST = 4;

/** One act of the desk, with the words that go into the ledger. */
export function ReasonDialog({ title, what, confirm, label, danger = false, act, onClose }: ReasonDialogProps) {
  const t = useT();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const acting = useMutation({
    mutationFn: () => act(reason.trim()),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["keep"] });
      onClose();
    },
  });
  const missing = label !== undefined && reason.trim().length < SHORTEST;
  const go = () => {
    setTried(true);
    if (!missing) acting.mutate();
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      testid="c.keep.dialog"
      actions={
        <Button variant={danger ? "danger" : "primary"} pending={acting.isPending} onClick={go} data-testid="c.keep.dialog.confirm">
          {confirm}
        </Button>
      }
    >
      {acting.isError && <ErrorState error={codedFrom(acting.error)} />}
      <p>{what}</p>
      {label !== undefined && (
        <TextArea
          label={label}
          value={reason}
          maxLength={500}
          rows={2}
          onChange={(event) => setReason(event.target.value)}
          error={tried && missing ? t("c.keep.reason.missing") : null}
          data-testid="c.keep.dialog.reason"
        />
      )}
    </Dialog>
  );
}
