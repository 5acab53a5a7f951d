import { useId, useState } from "react";
import { Bookmark, BookmarkCheck, NotebookPen, Trash2 } from "lucide-react";
import { codedFrom } from "@core/errors";
import { clock, day } from "@core/format";
import { Button, IconButton } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { TextArea } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import type { Annotation, OpenedCase } from "./api";
import { annotationsAt, useCaseWork } from "./casework";
import { useT } from "./words";

const MOST = 1000;

interface AtProps {
  part: Annotation["part"];
  seq: number;
}

/** Bookmark or note one act. Drawn only for the act that is being looked at, so that Tab does not stop at each of thousands. */
export function AnnotateBar({ part, seq, onWrite }: AtProps & { onWrite: () => void }) {
  const t = useT();
  const { annotations, add, remove, pending } = useCaseWork();
  const { bookmark } = annotationsAt(annotations, part, seq);
  const toggle = () => (bookmark ? remove(bookmark.id) : void add({ kind: "bookmarked", part, seq, text: "" }).catch(() => undefined));
  return (
    <p className="row c-annotate">
      <Button size="small" icon={bookmark ? BookmarkCheck : Bookmark} aria-pressed={bookmark !== undefined} aria-disabled={pending} onClick={() => !pending && toggle()} aria-keyshortcuts="b" data-testid="c.mark.toggle">
        {t(bookmark ? "c.mark.remove" : "c.mark.add")}
      </Button>
      <Button size="small" icon={NotebookPen} onClick={onWrite} aria-keyshortcuts="n" data-testid="c.note.open">
        {t("c.note.add")}
      </Button>
    </p>
  );
}

export function NoteDialog({ part, seq, onClose }: AtProps & { onClose: () => void }) {
  const t = useT();
  const { add, pending } = useCaseWork();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const form = useId();
  const keep = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (text.trim()) add({ kind: "noted", part, seq, text: text.trim() }).then(onClose, setProblem);
  };
  return (
    <Dialog
      title={t("c.note.title", { seq })}
      onClose={onClose}
      testid="c.note.dialog"
      actions={
        <Button type="submit" form={form} variant="primary" pending={pending} aria-disabled={!text.trim()} data-testid="c.note.keep">
          {t("c.note.keep")}
        </Button>
      }
    >
      <form id={form} className="stack" onSubmit={keep}>
        {problem !== null && <ErrorState error={codedFrom(problem)} />}
        <TextArea label={t("c.note.text")} hint={t("c.note.hint")} value={text} maxLength={MOST} rows={3} onChange={(event) => setText(event.target.value)} data-testid="c.note.text" />
      </form>
    </Dialog>
  );
}

/** What stands at one act: shown with it in the timeline. */
export function Annotated({ part, seq }: AtProps) {
  const t = useT();
  const { bookmark, notes } = annotationsAt(useCaseWork().annotations, part, seq);
  if (!bookmark && notes.length === 0) return null;
  return (
    <div className="c-annotated" data-testid="c.annotated">
      {bookmark && (
        <p className="row secondary">
          <BookmarkCheck size={16} aria-hidden /> {t("c.mark.here")}
        </p>
      )}
      {notes.map((note) => (
        <p key={note.id} className="own-words">
          <span className="secondary">{t("c.note.mine")}</span> {note.text}
        </p>
      ))}
    </div>
  );
}

/** Every note and bookmark of this reading: each leads to its act, and can be taken away. */
export function AnnotationList({ opened }: { opened: OpenedCase }) {
  const t = useT();
  const locale = useLocale();
  const { annotations, error, remove, retry, go } = useCaseWork();
  const times = { conversation: new Map(opened.events.map((one) => [one.seq, one.at])), discussion: new Map(opened.side?.events.map((one) => [one.seq, one.at])) };
  return (
    <section className="card stack" aria-labelledby="annotations-h" data-testid="c.annotations">
      <h2 id="annotations-h">{t("c.note.list")}</h2>
      <p className="secondary">{t("c.note.who")}</p>
      {error !== null && <ErrorState error={codedFrom(error)} onRetry={retry} />}
      {annotations.length === 0 && error === null && <p className="secondary">{t("c.note.none")}</p>}
      <ul className="c-annotations">
        {annotations.map(({ id, kind, part, seq, text }) => {
          const at = times[part].get(seq) ?? 0;
          return (
            <li key={id} data-testid="c.annotation" data-kind={kind} data-seq={seq}>
              <button type="button" className="c-contents-link" onClick={() => go({ part, seq })} data-testid="c.annotation.go">
                <span className="row">
                  {kind === "bookmarked" ? <Bookmark size={16} aria-hidden /> : <NotebookPen size={16} aria-hidden />}
                  <span className="meta">
                    {part === "discussion" && `${t("c.content.discussion")} · `}#{seq} · {day(at, locale)} {clock(at)}
                  </span>
                </span>
                <span className="own-words">{text || t("c.mark.here")}</span>
              </button>
              <IconButton icon={Trash2} label={t("c.note.remove", { seq })} onClick={() => remove(id)} data-testid="c.annotation.remove" />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
