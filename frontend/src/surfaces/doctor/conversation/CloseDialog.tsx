import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ConsultationDetail } from "@core/consultations";
import { codedFrom } from "@core/errors";
import { clientIds } from "@core/ids";
import { LIMITS } from "@core/protocol";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { TextArea } from "@ui/fields";
import { useLive } from "@ui/live";
import { languageOf } from "@ui/names";
import { ErrorState } from "@ui/states";
import { useIdentity } from "../people";
import { useT } from "../words";

export interface Written {
  summary: string;
  advice: string;
}

interface CloseDialogProps {
  detail: ConsultationDetail;
  /** Kept by the conversation: closing the dialog loses nothing. */
  written: Written;
  onWrite: (written: Written) => void;
  onDone: () => void;
}

/** Ends a consultation: write the summary, then see it as the patient will, then send. */
export function CloseDialog({ detail, written, onWrite, onDone }: CloseDialogProps) {
  const t = useT();
  const identity = useIdentity();
  const [review, setReview] = useState(false);
  const [checked, setChecked] = useState(false);
  const closing = useClosing(detail, written, onDone);
  const next = () => {
    setChecked(true);
    if (written.summary.trim()) setReview(true);
  };
  const who = identity(detail.patient);
  const actions = review ? (
    <>
      <Button onClick={() => setReview(false)}>{t("d.close.edit")}</Button>
      <Button variant="primary" pending={closing.isPending} onClick={() => closing.mutate()} data-testid="d.conv.close.submit">
        {t("d.close.submit")}
      </Button>
    </>
  ) : (
    <>
      <Button onClick={onDone}>{t("d.keep")}</Button>
      <Button variant="primary" onClick={next} data-testid="d.conv.close.review">
        {t("d.close.review")}
      </Button>
    </>
  );
  return (
    <Dialog key={review ? "review" : "write"} title={t(review ? "d.close.check" : "d.close.title", { who })} onClose={onDone} actions={actions} testid="d.conv.close.dialog">
      {closing.isError && <ErrorState error={codedFrom(closing.error)} />}
      {review ? <Review written={written} /> : <Writing written={written} onWrite={onWrite} missing={checked && !written.summary.trim()} />}
    </Dialog>
  );
}

/** The same client id for every try: however often it is sent, it closes once. */
function useClosing(detail: ConsultationDetail, written: Written, onDone: () => void) {
  const t = useT();
  const { socket, outbox } = useLive();
  const queries = useQueryClient();
  const [idOf] = useState(clientIds);
  return useMutation({
    mutationFn: async () => {
      const { summary, advice } = written;
      await outbox.release(detail.id); // what was said goes before the summary
      return socket.request({ type: "consultation.close", consultation: detail.id, client_id: idOf(written), summary: summary.trim(), advice: advice.trim() });
    },
    onSuccess: () => {
      toast(t("d.close.done", { name: detail.patient.name }));
      void queries.invalidateQueries({ queryKey: ["queue"] });
      void queries.invalidateQueries({ queryKey: ["consultation", detail.id] });
      onDone();
    },
  });
}

function Writing({ written, onWrite, missing }: { written: Written; onWrite: (written: Written) => void; missing: boolean }) {
  const t = useT();
  return (
    <>
      <TextArea
        label={t("d.close.summary")}
        hint={t("d.close.summary.hint")}
        value={written.summary}
        maxLength={LIMITS.summary}
        error={missing ? t("d.close.summary.missing") : null}
        onChange={(event) => onWrite({ ...written, summary: event.target.value })}
        data-testid="d.conv.close.summary"
      />
      <TextArea
        label={t("d.close.advice")}
        hint={t("d.close.advice.hint")}
        value={written.advice}
        maxLength={LIMITS.advice}
        onChange={(event) => onWrite({ ...written, advice: event.target.value })}
        data-testid="d.conv.close.advice"
      />
    </>
  );
}

function Review({ written: { summary, advice } }: { written: Written }) {
  const t = useT();
  return (
    <>
      <p>{t("d.close.seen")}</p>
      <dl className="card d-review">
        <dt>{t("d.close.summary")}</dt>
        <dd className="own-words" lang={languageOf(summary)}>
          {summary}
        </dd>
        <dt>{t("d.close.advice")}</dt>
        <dd className="own-words" lang={languageOf(advice)}>
          {advice || t("d.close.advice.none")}
        </dd>
      </dl>
    </>
  );
}
