import { useEffect, useState } from "react";
import { Check } from "lucide-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { loadDraft, saveDraft } from "@core/drafts";
import { codedFrom } from "@core/errors";
import { dateTime, fieldTime, parseTime } from "@core/format";
import { clientIds } from "@core/ids";
import { tellOutcome, type FollowUp, type NewOutcome } from "@core/recordings";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { RadioGroup, TextArea, TextField } from "@ui/fields";
import { useSession } from "@ui/live";
import { languageOf } from "@ui/names";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { tomorrowMorning } from "./due";
import { useCallWords } from "./words";

export type Consent = NewOutcome["consent"];
type Outcome = NewOutcome["outcome"];

const OUTCOMES: readonly Outcome[] = ["done", "no_answer", "refused", "needs_doctor", "wrong_number"];
const LONGEST = 2000;

/** How the call ended, what a colleague must know, and when to call again. The words are kept as they are typed. */
export function OutcomeForm({ followUp, consent }: { followUp: FollowUp; consent: Consent | null }) {
  const w = useCallWords();
  const [chosen, setChosen] = useState<Outcome | null>(null);
  const outcome = chosen ?? (consent === "not_asked" ? "no_answer" : null);
  const [note, setNote] = useNote(followUp.id);
  const [next, setNext] = useState<string | null>(null); // null: nobody has touched it
  const [tomorrow] = useState(() => fieldTime(tomorrowMorning(Date.now())));
  const [checked, setChecked] = useState(false);
  const nextAt = next ?? (outcome === "no_answer" ? tomorrow : "");
  const reason = outcome === "needs_doctor" || consent === "refused";
  const missing = reason && note.trim() === "";
  const telling = useTelling(followUp.id, () => setNote(""));
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (!outcome || missing) return;
    telling.mutate({ outcome, consent: consent ?? "not_asked", note: note.trim(), next_at: nextAt ? new Date(nextAt).toISOString() : null });
  };
  return (
    <form className="card stack" onSubmit={submit} aria-labelledby="outcome-h" data-testid="d.outcome">
      <h2 id="outcome-h">{w("fu.outcome")}</h2>
      <div className="d-inline">
        <RadioGroup<Outcome>
          label={w("fu.outcome.how")}
          value={outcome}
          options={OUTCOMES.map((value) => ({ value, label: w(`fu.outcome.${value}`) }))}
          error={checked && !outcome ? w("fu.outcome.missing") : null}
          onChange={setChosen}
          testid="d.outcome.how"
        />
      </div>
      <TextArea
        rows={2}
        label={w(consent === "refused" ? "fu.note.refused" : outcome === "needs_doctor" ? "fu.note.doctor" : "fu.note")}
        value={note}
        maxLength={LONGEST}
        error={checked && missing ? w("fu.note.missing") : null}
        onChange={(event) => setNote(event.target.value)}
        data-testid="d.outcome.note"
      />
      <TextField type="datetime-local" label={w(outcome === "done" ? "fu.next.done" : "fu.next")} value={nextAt} onChange={(event) => setNext(event.target.value)} data-testid="d.outcome.next" />
      {telling.isError && <ErrorState error={codedFrom(telling.error)} />}
      <div>
        <Button type="submit" variant="primary" icon={Check} pending={telling.isPending} data-testid="d.outcome.save">
          {w("fu.outcome.save")}
        </Button>
      </div>
    </form>
  );
}

/** The note as it was left, on this device. */
function useNote(followUp: string): [string, (text: string) => void] {
  const me = useSession().person.id;
  const place = `outcome/${followUp}`;
  const [note, setNote] = useState("");
  useEffect(() => {
    void loadDraft(me, place).then((kept) => setNote((typed) => typed || kept), () => undefined); // prettier-ignore
  }, [me, place]);
  const change = (text: string) => {
    setNote(text);
    void saveDraft(me, place, text).catch(() => undefined);
  };
  return [note, change];
}

function useTelling(followUp: string, onTold: () => void) {
  const w = useCallWords();
  const queries = useQueryClient();
  const [idOf] = useState(clientIds);
  return useMutation({
    mutationFn: (told: Omit<NewOutcome, "client_id">) => tellOutcome(followUp, { client_id: idOf(told), ...told }),
    onSuccess: () => {
      toast(w("fu.outcome.saved"));
      onTold();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["followups"] }),
  });
}

/** How earlier calls ended, the newest first. */
export function Outcomes({ outcomes }: Pick<FollowUp, "outcomes">) {
  const w = useCallWords();
  const locale = useLocale();
  if (outcomes.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="outcomes-h" data-testid="d.outcomes">
      <h2 id="outcomes-h">{w("fu.outcomes")}</h2>
      <ol className="d-cards" reversed>
        {[...outcomes].reverse().map((one) => (
          <li key={one.at} className="card">
            <p>
              <strong>{w(`fu.outcome.${one.outcome}`)}</strong>{" "}
              <span className="secondary">
                {dateTime(parseTime(one.at), locale)} · {one.by.name}
                {one.consent === "refused" ? ` · ${w("fu.notRecorded")}` : ""}
                {one.next_at ? ` · ${w("fu.again", { time: dateTime(parseTime(one.next_at), locale) })}` : ""}
              </span>
            </p>
            {one.note && (
              <p className="own-words" lang={languageOf(one.note)}>
                {one.note}
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
