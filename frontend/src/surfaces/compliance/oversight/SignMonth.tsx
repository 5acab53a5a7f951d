import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { PenLine } from "lucide-react";
import { codedFrom } from "@core/errors";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { TextArea } from "@ui/fields";
import { useSession } from "@ui/live";
import { ErrorState } from "@ui/states";
import { REVIEWS, signMonth, type MonthDetail } from "./api";
import { focusOn } from "./focusOn";
import { useOversight } from "./words";

/** The signature, for whoever is named; before that, what is in its way. */
export function SignMonth({ month }: { month: MonthDetail }) {
  const t = useOversight();
  const client = useQueryClient();
  const { person } = useSession();
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const signing = useMutation({
    mutationFn: () => signMonth(month.month, note.trim()),
    onSuccess: (next) => {
      client.setQueryData([...REVIEWS, month.month], next);
      void client.invalidateQueries({ queryKey: REVIEWS, exact: true });
      announce(t("or.sign.done"));
      focusOn("standing");
    },
  });
  if (month.state === "signed" || month.reviewer?.id !== person.id) return null;
  const waits = month.state === "running" ? t("or.sign.running") : month.open_glass > 0 ? t("or.open_glass", { count: month.open_glass }) : month.unsettled > 0 ? t("or.sign.left", { count: month.unsettled }) : null;
  const sign = () => {
    setTried(true);
    if (!waits && note.trim()) signing.mutate();
  };
  return (
    <section className="card stack" aria-labelledby="or-sign-h">
      <h2 id="or-sign-h">{t("or.sign")}</h2>
      <p>{waits ?? t("or.sign.what")}</p>
      {signing.isError && <ErrorState error={codedFrom(signing.error)} />}
      {!waits && <TextArea label={t("or.sign.note")} value={note} maxLength={500} rows={2} onChange={(event) => setNote(event.target.value)} error={tried && !note.trim() ? t("or.sign.missing") : null} data-testid="or.sign.note" />}
      <div className="row">
        <Button variant="primary" icon={PenLine} pending={signing.isPending} aria-disabled={waits !== null} onClick={sign} data-testid="or.sign">
          {t("or.sign.do")}
        </Button>
      </div>
    </section>
  );
}
