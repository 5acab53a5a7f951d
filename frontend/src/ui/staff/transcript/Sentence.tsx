import { useState } from "react";
import { Pencil } from "lucide-react";
import { wordDiff } from "@core/diff";
import { codedFrom } from "@core/errors";
import { playTime } from "@core/format";
import { endsTerm, isDoubtful, spokenPieces, type Segment, type Word } from "@core/transcripts";
import { Button } from "../../Button";
import { TextArea } from "../../fields";
import { languageOf } from "../../names";
import { ErrorState } from "../../states";
import { useStaff } from "../words";

export interface SentenceProps {
  segment: Segment;
  current: boolean;
  /** One sentence of the list is reached with Tab; arrows go from there. */
  reachable: boolean;
  /** The doubtful word that Alt+L stopped at. */
  stopped: Word | null;
  /** What an earlier version said, when it is compared and differs. */
  before: string | null;
  onHear: (segment: Segment) => void;
  /** Absent: it cannot be corrected here. */
  onCorrect: ((segment: Segment, text: string) => Promise<void>) | undefined;
}

/** One sentence: when, who, what; a click or Enter plays it. */
export function Sentence({ segment, current, reachable, stopped, before, onHear, onCorrect }: SentenceProps) {
  const t = useStaff();
  const speaker = useSpeaker(segment);
  const [editing, setEditing] = useState(false);
  const tabIndex = reachable ? 0 : -1;
  return (
    <li className="x-sentence" data-current={current} aria-current={current ? "true" : undefined}>
      <button type="button" className="x-sentence-text" tabIndex={tabIndex} onClick={() => onHear(segment)} data-testid="d.transcript.segment" data-id={segment.id}>
        <span className="x-sentence-time tabular">{playTime(segment.start)}</span>
        <span className="x-sentence-speaker" data-speaker={segment.speaker}>
          {speaker}
        </span>
        <span className="own-words" lang={languageOf(segment.text)}>
          <Words segment={segment} stopped={stopped} />
        </span>
      </button>
      {onCorrect && !editing && (
        <Button size="small" variant="quiet" icon={Pencil} tabIndex={tabIndex} onClick={() => setEditing(true)} data-testid="d.transcript.correct">
          {t("st.transcript.correct")}
        </Button>
      )}
      {before !== null && <Difference before={before} after={segment.text} />}
      {onCorrect && editing && <Correction segment={segment} onSave={(text) => onCorrect(segment, text)} onDone={() => setEditing(false)} />}
    </li>
  );
}

function Words({ segment, stopped }: { segment: Segment; stopped: Word | null }) {
  const t = useStaff();
  return spokenPieces(segment).map(({ text, word }, i) =>
    word && isDoubtful(word) ? (
      <span key={i} className="x-doubt" data-testid="d.transcript.doubt" data-here={word === stopped} title={t("st.transcript.doubt", { percent: Math.round(word.confidence * 100) })}>
        {text}
        <span className="sr-only">{t("st.transcript.doubtful")}</span>
        {endsTerm(segment.words, word) && (
          <small className="x-term" data-testid="d.transcript.term">
            {t("st.transcript.term", { name: word.term ?? "" })}
          </small>
        )}
      </span>
    ) : (
      <span key={i}>{text}</span>
    ),
  );
}

function useSpeaker({ speaker, speaker_name }: Segment): string {
  const t = useStaff();
  if (speaker_name) return speaker_name;
  const channel = /^channel-(\d+)$/.exec(speaker)?.[1];
  return channel ? t("st.speaker.channel", { number: channel }) : t("st.speaker.unknown");
}

/** Word by word: what the other version said and what this one says. */
export function Difference({ before, after }: { before: string; after: string }) {
  const t = useStaff();
  return (
    <p className="x-diff" data-testid="d.transcript.diff" lang={languageOf(after)}>
      {wordDiff(before, after).map(({ kind, text }, i) => {
        if (kind === "same") return <span key={i}>{text}</span>;
        const Tag = kind === "removed" ? "del" : "ins";
        return (
          <Tag key={i}>
            <span className="sr-only">{kind === "removed" ? t("st.diff.removed") : t("st.diff.added")}</span>
            {text}
          </Tag>
        );
      })}
    </p>
  );
}

function Correction({ segment, onSave, onDone }: { segment: Segment; onSave: (text: string) => Promise<void>; onDone: () => void }) {
  const t = useStaff();
  const [text, setText] = useState(segment.text);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const changed = text.trim() !== "" && text.trim() !== segment.text.trim();
  const save = async () => {
    if (!changed || saving) return;
    setSaving(true);
    try {
      await onSave(text.trim());
      onDone();
    } catch (failure) {
      setError(failure);
    } finally {
      setSaving(false);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") onDone();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
  };
  return (
    <div className="x-correction stack">
      <TextArea
        ref={(area) => area?.focus()}
        rows={1}
        label={t("st.correction.label", { time: playTime(segment.start) })}
        hint={t("st.correction.hint")}
        value={text}
        maxLength={4000}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        data-testid="d.transcript.correction"
      />
      {error !== null && <ErrorState error={codedFrom(error)} />}
      <div className="row">
        <Button variant="primary" disabled={!changed} pending={saving} onClick={() => void save()} data-testid="d.transcript.save">
          {t("st.correction.save")}
        </Button>
        <Button onClick={onDone}>{t("st.cancel")}</Button>
      </div>
    </div>
  );
}
