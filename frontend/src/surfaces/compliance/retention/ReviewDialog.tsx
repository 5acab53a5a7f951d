import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { TextField } from "@ui/fields";
import { ErrorState } from "@ui/states";
import { useT } from "../words";
import { dayIn, REVIEW, reviewHold, type Hold } from "./api";

interface ReviewDialogProps {
  hold: Hold;
  onClose: () => void;
}

/** A hold that is still needed, and when it is looked at again; whoever finds that it is not needed asks for its release instead. */
export function ReviewDialog({ hold, onClose }: ReviewDialogProps) {
  const t = useT();
  const client = useQueryClient();
  const [day, setDay] = useState(() => dayIn(REVIEW.usual));
  const reviewing = useMutation({
    mutationFn: () => reviewHold(hold.id, day),
    onSuccess: () => {
      announce(t("c.keep.hold.review.noted"));
      void client.invalidateQueries({ queryKey: ["keep"] });
      onClose();
    },
  });
  return (
    <Dialog
      title={t("c.keep.hold.review")}
      onClose={onClose}
      testid="c.keep.review"
      actions={
        <Button variant="primary" disabled={!day} pending={reviewing.isPending} onClick={() => reviewing.mutate()} data-testid="c.keep.review.confirm">
          {t("c.keep.hold.review.confirm")}
        </Button>
      }
    >
      {reviewing.isError && <ErrorState error={codedFrom(reviewing.error)} />}
      <p>{t("c.keep.hold.review.what")}</p>
      <TextField
        label={t("c.keep.hold.review.next")}
        type="date"
        min={dayIn(REVIEW.first)}
        max={dayIn(REVIEW.last)}
        value={day}
        onChange={(event) => setDay(event.target.value)}
        data-testid="c.keep.review.day"
      />
    </Dialog>
  );
}
