import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { RadioGroup, TextArea } from "@ui/fields";
import { ErrorState } from "@ui/states";
import { NOTE, OUTCOMES, REVIEWS, settleHint, type Hint, type Outcome } from "./api";
import { focusOn } from "./focusOn";
import { useOversight } from "./words";

/** What a hint was. The words go into the ledger, sealed. */
export function SettleDialog({ month, hint, onClose }: { month: string; hint: Hint; onClose: () => void }) {
  const t = useOversight();
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const short = note.trim().length < NOTE.min;
  const settling = useMutation({
    mutationFn: (said: Outcome) => settleHint(month, hint.key, { outcome: said, note: note.trim() }),
    onSuccess: (next) => {
      client.setQueryData([...REVIEWS, month], next);
      announce(t("or.settled"));
      onClose();
      focusOn("hints");
    },
  });
  const close = () => {
    if (settling.isError) void client.invalidateQueries({ queryKey: [...REVIEWS, month], exact: true });
    onClose();
  };
  const save = () => {
    setTried(true);
    if (outcome && !short) settling.mutate(outcome);
  };
  return (
    <Dialog
      title={t("or.settle.title", { rule: t(`or.rule.${hint.rule}`) })}
      onClose={close}
      testid="or.dialog"
      actions={
        <Button variant="primary" pending={settling.isPending} onClick={save} data-testid="or.dialog.save">
          {t("or.settle.save")}
        </Button>
      }
    >
      {settling.isError && <ErrorState error={codedFrom(settling.error)} />}
      <p>{t("or.settle.what")}</p>
      <RadioGroup
        label={t("or.outcome")}
        value={outcome}
        options={OUTCOMES.map((value) => ({ value, label: t(`or.outcome.${value}`) }))}
        onChange={setOutcome}
        error={tried && !outcome ? t("or.outcome.missing") : null}
        testid="or.dialog.outcome"
      />
      <TextArea
        label={t("or.note")}
        value={note}
        maxLength={NOTE.max}
        rows={3}
        onChange={(event) => setNote(event.target.value)}
        error={tried && short ? t("or.note.missing", { min: NOTE.min }) : null}
        data-testid="or.dialog.note"
      />
    </Dialog>
  );
}
