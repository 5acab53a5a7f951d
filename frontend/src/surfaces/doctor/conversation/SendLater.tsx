import { useState } from "react";
import { CalendarClock } from "lucide-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { dateTime } from "@core/format";
import { LIMITS } from "@core/protocol";
import { newSchedule, schedule } from "@core/scheduled";
import { announce } from "@ui/announce";
import { Button, IconButton } from "@ui/Button";
import type { ComposerHandle } from "@ui/Composer";
import { Dialog } from "@ui/Dialog";
import { TextArea, TextField } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { useT } from "../words";
import { fromField, presets, problemOf, toField } from "./later";

interface SendLaterProps {
  consultation: string;
  /** Wrong-patient guard: to whom. */
  who: string;
  composer: React.RefObject<ComposerHandle | null>;
}

/** Beside the send button: send what stands in the box at another time. */
export function SendLater(props: SendLaterProps) {
  const t = useT();
  const [words, setWords] = useState<string | null>(null);
  return (
    <>
      <IconButton className="d-later" icon={CalendarClock} label={t("d.later")} aria-haspopup="dialog" onClick={() => setWords(props.composer.current?.text() ?? "")} data-testid="d.conv.later" />
      {words !== null && <LaterDialog {...props} words={words} onDone={() => setWords(null)} />}
    </>
  );
}

function LaterDialog({ consultation, who, composer, words, onDone }: SendLaterProps & { words: string; onDone: () => void }) {
  const t = useT();
  const locale = useLocale();
  const queries = useQueryClient();
  const [draft] = useState(() => newSchedule(consultation));
  const [now] = useState(Date.now);
  const [text, setText] = useState(words);
  const [at, setAt] = useState(() => presets(now)[0]?.at ?? now);
  const [tried, setTried] = useState(false);
  const planning = useMutation({
    mutationFn: () => schedule({ ...draft, text: text.trim(), at }),
    onSuccess: () => {
      announce(t("d.later.done", { time: dateTime(at, locale) }));
      composer.current?.taken(words);
      void queries.invalidateQueries({ queryKey: ["scheduled", consultation] });
      onDone();
    },
  });
  const problem = problemOf(at, now);
  const long = text.length > LIMITS.message;
  const submit = () => {
    setTried(true);
    if (!problem && text.trim() && !long) planning.mutate();
  };
  const actions = (
    <>
      <Button onClick={onDone}>{t("d.cancel")}</Button>
      <Button variant="primary" icon={CalendarClock} pending={planning.isPending} onClick={submit} data-testid="d.later.submit">
        {t("d.later.submit")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("d.later.title", { who })} onClose={onDone} actions={actions} testid="d.later.dialog">
      {planning.isError && <ErrorState error={codedFrom(planning.error)} />}
      <TextArea
        label={t("d.later.text")}
        value={text}
        error={tried && !text.trim() ? t("d.later.text.missing") : long ? t("d.later.text.long", { most: LIMITS.message }) : null}
        onChange={(event) => setText(event.target.value)}
        data-testid="d.later.text"
      />
      <div className="d-presets" role="group" aria-label={t("d.later.presets")}>
        {presets(now).map((one) => (
          <Button key={one.id} size="small" aria-pressed={at === one.at} onClick={() => setAt(one.at)} data-testid={`d.later.preset.${one.id}`}>
            {t(`d.later.preset.${one.id}`)}
          </Button>
        ))}
      </div>
      <TextField
        type="datetime-local"
        label={t("d.later.at")}
        hint={problem ? undefined : dateTime(at, locale, now)}
        value={Number.isNaN(at) ? "" : toField(at)}
        error={tried && problem ? t(`d.later.problem.${problem}`) : null}
        onChange={(event) => setAt(fromField(event.target.value))}
        data-testid="d.later.at"
      />
    </Dialog>
  );
}
