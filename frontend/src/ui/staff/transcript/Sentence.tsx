import { memo, useState } from "react";
import { Pencil, UserRoundPen } from "lucide-react";
import { wordDiff } from "@core/diff";
import { playTime } from "@core/format";
import { endsTerm, isDoubtful, loneTerm, spokenPieces, type Piece, type Segment } from "@core/transcripts";
import { Button, IconButton } from "../../Button";
import { TextArea } from "../../fields";
import { languageOf } from "../../names";
import { useStaff } from "../words";
import { DoubtBar } from "./DoubtBar";
import { useSpeakerName } from "./speakers";

/** What can be changed in a line. */
export interface ReviewActs {
  accept: (line: Segment, words: readonly number[]) => void;
  replace: (line: Segment, index: number, text: string) => void;
  say: (line: Segment, text: string) => void;
  chooseSpeaker: (line: Segment) => void;
}

export interface SentenceProps {
  segment: Segment;
  current: boolean;
  /** One sentence of the list is reached with Tab; arrows go from there. */
  reachable: boolean;
  /** Place of the doubtful word that is under review, -1 for none. */
  stopped: number;
  /** What an earlier version said, when it is compared and differs. */
  before: string | null;
  /** What of it may speak of an emergency, as it was said; "" for nothing. */
  risk: string;
  onHear: (segment: Segment, at: number) => void;
  /** With Ctrl: what was heard last, to here, again and again. */
  onLoop: (segment: Segment, at: number) => void;
  /** Absent: it cannot be changed here. */
  acts: ReviewActs | undefined;
  /** Called when the doubtful word was settled (`again`: go on to the next), or left. */
  onSettled: (again: boolean) => void;
}

/** One sentence: when, who, what. A click on a word plays it from there, Enter the whole sentence. */
export const Sentence = memo(function Sentence({ segment, current, reachable, stopped, before, risk, onHear, onLoop, acts, onSettled }: SentenceProps) {
  const t = useStaff();
  const speaker = useSpeakerName()(segment.speaker, segment.speaker_name);
  const [editing, setEditing] = useState(false);
  const tabIndex = reachable ? 0 : -1;
  const pieces = spokenPieces(segment);
  const doubt = pieces.find(({ index, word }) => word && index === stopped)?.word ?? null;
  const settle = (text: string) => {
    if (text === doubt?.text.trim()) acts?.accept(segment, [stopped]);
    else acts?.replace(segment, stopped, text);
    onSettled(true);
  };
  return (
    <li className="x-sentence" data-current={current} data-id={segment.id} aria-current={current ? "true" : undefined}>
      <button type="button" className="x-sentence-text" tabIndex={tabIndex} onClick={(event) => (event.ctrlKey || event.metaKey ? onLoop : onHear)(segment, placeOf(event) ?? segment.start)} data-testid="d.transcript.segment" data-id={segment.id}>
        <span className="x-sentence-time tabular">{playTime(segment.start)}</span>
        <span className="x-sentence-speaker" data-speaker={segment.speaker}>
          {speaker}
        </span>
        <span className="own-words" lang={languageOf(segment.text)}>
          <Words segment={segment} pieces={pieces} stopped={stopped} />
        </span>
      </button>
      {acts && !editing && (
        <div className="x-sentence-tools">
          <IconButton icon={UserRoundPen} label={t("st.transcript.speaker")} tabIndex={tabIndex} onClick={() => acts.chooseSpeaker(segment)} data-testid="d.transcript.speaker" />
          <IconButton icon={Pencil} label={t("st.transcript.correct")} tabIndex={tabIndex} onClick={() => setEditing(true)} data-testid="d.transcript.correct" />
        </div>
      )}
      {doubt && acts && <DoubtBar key={stopped} word={doubt} term={loneTerm(segment.words, stopped)} onHear={() => onHear(segment, doubt.start)} onSettle={settle} onLeave={() => onSettled(false)} />}
      {risk && (
        <p className="x-risk" data-testid="d.transcript.risk">
          <span aria-hidden="true">⚠</span> {t("st.risk.said", { said: risk })}
        </p>
      )}
      {before !== null && <Difference before={before} after={segment.text} />}
      {acts && editing && <Correction segment={segment} onSay={(text) => acts.say(segment, text)} onDone={() => setEditing(false)} />}
    </li>
  );
});

/** The second of the word that was clicked; null for the keyboard, and beside the words. */
function placeOf(event: React.MouseEvent): number | null {
  const word = event.detail > 0 && event.target instanceof Element ? event.target.closest<HTMLElement>("[data-at]") : null;
  return word ? Number(word.dataset.at) : null;
}

function Words({ segment, pieces, stopped }: { segment: Segment; pieces: readonly Piece[]; stopped: number }) {
  const t = useStaff();
  return pieces.map(({ text, word, index, at }, i) =>
    word && isDoubtful(word) ? (
      <span key={i} data-at={at} className="x-doubt" data-testid="d.transcript.doubt" data-here={index === stopped} title={t("st.transcript.doubt", { percent: Math.round(word.confidence * 100) })}>
        {text}
        <span className="sr-only">{t("st.transcript.doubtful")}</span>
        {endsTerm(segment.words, word) && (
          <small className="x-term" data-testid="d.transcript.term">
            {t("st.transcript.term", { name: word.term ?? "" })}
          </small>
        )}
      </span>
    ) : (
      <span key={i} data-at={at}>
        {text}
      </span>
    ),
  );
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

const LONGEST = 2000;

function Correction({ segment, onSay, onDone }: { segment: Segment; onSay: (text: string) => void; onDone: () => void }) {
  const t = useStaff();
  const [text, setText] = useState(segment.text);
  const changed = text.trim() !== "" && text.trim() !== segment.text.trim();
  const save = () => {
    if (changed) onSay(text.trim());
    onDone();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") onDone();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    save();
  };
  return (
    <div className="x-correction stack">
      <TextArea
        ref={(area) => area?.focus()}
        rows={1}
        label={t("st.correction.label", { time: playTime(segment.start) })}
        hint={t("st.correction.hint")}
        value={text}
        maxLength={LONGEST}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        data-testid="d.transcript.correction"
      />
      <div className="row">
        <Button variant="primary" disabled={!changed} onClick={save} data-testid="d.transcript.say">
          {t("st.correction.take")}
        </Button>
        <Button onClick={onDone}>{t("st.cancel")}</Button>
      </div>
    </div>
  );
}
