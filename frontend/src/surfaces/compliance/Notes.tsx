import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import { Button } from "@ui/Button";
import { TextArea } from "@ui/fields";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { answerGrant, commentGrant, type Grant } from "./api";
import { useT } from "./words";

/** What requester and approver wrote to each other; while the request is open, either may add to it. */
export function Notes({ grant }: { grant: Grant }) {
  const t = useT();
  const locale = useLocale();
  const open = grant.state === "waiting" || grant.state === "returned";
  if (!open && grant.notes.length === 0) return null;
  return (
    <section className="card stack" aria-labelledby="notes-h">
      <h2 id="notes-h">{t("c.notes.title")}</h2>
      {grant.notes.length === 0 && <p className="secondary">{t("c.notes.none")}</p>}
      <ol className="c-notes">
        {grant.notes.map((note) => (
          <li key={`${note.at}-${note.kind}`} data-testid="c.notes.row" data-kind={note.kind}>
            <p className="secondary">{t(`c.notes.${note.kind}`, { name: fullName(note.author, locale), time: dateTime(parseTime(note.at), locale) })}</p>
            <p className="own-words">{note.text}</p>
          </li>
        ))}
      </ol>
      {open && <Write grant={grant} />}
    </section>
  );
}

function Write({ grant }: { grant: Grant }) {
  const t = useT();
  const client = useQueryClient();
  const me = useSession().person.id;
  const answers = grant.state === "returned" && me === grant.requester.id;
  const [text, setText] = useState("");
  const [checked, setChecked] = useState(false);
  const sending = useMutation({
    mutationFn: () => (answers ? answerGrant : commentGrant)(grant.id, text.trim()),
    onSuccess: (next) => {
      client.setQueryData(["compliance", "grant", grant.id], next);
      void client.invalidateQueries({ queryKey: ["compliance", "mine"] });
      setText("");
      setChecked(false);
    },
  });
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (text.trim()) sending.mutate();
  };
  return (
    <form className="stack" noValidate onSubmit={submit}>
      {sending.isError && <ErrorState error={codedFrom(sending.error)} />}
      <TextArea
        label={t(answers ? "c.notes.answer" : "c.notes.comment")}
        hint={t("c.notes.hint")}
        value={text}
        maxLength={1000}
        rows={2}
        onChange={(event) => setText(event.target.value)}
        error={checked && !text.trim() ? t("c.notes.missing") : null}
        data-testid="c.notes.text"
      />
      <div className="row">
        <Button type="submit" icon={Send} pending={sending.isPending} data-testid="c.notes.send">
          {t("c.notes.send")}
        </Button>
      </div>
    </form>
  );
}
