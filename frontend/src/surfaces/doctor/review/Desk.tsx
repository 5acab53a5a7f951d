import { useMemo, useState } from "react";
import { Redo2, Save, Undo2 } from "lucide-react";
import { codedFrom } from "@core/errors";
import { audioUrl } from "@core/recordings";
import type { Segment, Transcript } from "@core/transcripts";
import { Button } from "@ui/Button";
import { useKeys } from "@ui/staff/keys";
import { TranscriptView } from "@ui/staff/transcript/TranscriptView";
import { ErrorState } from "@ui/states";
import { useT } from "../words";
import { Replace } from "./Replace";
import type { Shown } from "./ReviewPage";
import { SignOff } from "./SignOff";
import { SpeakerDialog } from "./SpeakerDialog";
import { Speakers } from "./Speakers";
import { useActs, useReview, type Reviewing } from "./useReview";
import { useReviewWords } from "./words";

/** The newest version under review: the text, and beside it what is done to it as a whole. */
export function Desk({ recording, peaks, machine, picking, startAt, newest }: Shown & { newest: Transcript }) {
  const t = useT();
  const review = useReview(recording.id, newest);
  const [asked, setAsked] = useState<Segment | null>(null);
  const acts = useActs(review, setAsked);
  const shown = useMemo(() => ({ version: newest.version, segments: [...review.now] }), [newest.version, review.now]);
  const ready = review.draft.ready && !review.outdated;
  return (
    <div className="d-desk">
      <div className="d-desk-text">
        {picking}
        <Bar review={review} />
        <TranscriptView
          label={t("d.transcript.label", { name: recording.name })}
          audio={audioUrl(recording.id)}
          duration={recording.duration_s}
          transcript={shown}
          compareWith={machine}
          peaks={peaks}
          markers={recording.markers}
          startAt={startAt}
          acts={ready ? acts : undefined}
        />
      </div>
      <div className="d-desk-side">
        <SignOff recording={recording} newest={newest} review={review} />
        {ready && <Speakers review={review} />}
        {ready && <Replace review={review} />}
      </div>
      {asked && <SpeakerDialog review={review} line={asked} onDone={() => setAsked(null)} />}
    </div>
  );
}

/** What is changed but not yet a version, and the ways from here. */
function Bar({ review }: { review: Reviewing }) {
  const r = useReviewWords();
  const { saving, undo, redo } = review;
  useKeys({ "Ctrl+KeyS": saving.save });
  useKeys({ "Ctrl+KeyZ": () => undo?.(), "Ctrl+Shift+KeyZ": () => redo?.(), "Ctrl+KeyY": () => redo?.() }, false);
  return (
    <>
      <Conflicts review={review} />
      {saving.error && <ErrorState error={codedFrom(saving.error)} />}
      <div className="row d-desk-bar" data-testid="d.review.bar" data-changed={review.changed}>
        <Button size="small" icon={Undo2} disabled={!undo} onClick={() => undo?.()} aria-keyshortcuts="Control+Z" data-testid="d.review.undo">
          {r("rv.undo")}
        </Button>
        <Button size="small" icon={Redo2} disabled={!redo} onClick={() => redo?.()} aria-keyshortcuts="Control+Shift+Z" data-testid="d.review.redo">
          {r("rv.redo")}
        </Button>
        <span className="secondary d-desk-state" role="status">
          {r(!review.changed ? "rv.unchanged" : review.draft.savedAt === null ? "rv.keeping" : "rv.kept")}
        </span>
        {review.changed && !review.outdated && (
          <Button size="small" variant="quiet" onClick={review.giveUp} data-testid="d.review.giveUp">
            {r("rv.giveUp")}
          </Button>
        )}
        <Button size="small" variant="primary" icon={Save} disabled={!review.changed || review.outdated} pending={saving.isPending} onClick={saving.save} aria-keyshortcuts="Control+S" data-testid="d.transcript.save">
          {r("rv.save")}
        </Button>
      </div>
    </>
  );
}

/** Where two have changed at once, the person decides; both are kept until then. */
function Conflicts({ review }: { review: Reviewing }) {
  const r = useReviewWords();
  const { draft } = review;
  return (
    <>
      {draft.other !== null && (
        <div className="x-stale" role="status" data-testid="d.review.other">
          <p>{r("rv.other")}</p>
          <div className="row">
            <Button size="small" onClick={() => draft.choose("other")}>{r("rv.other.use")}</Button>
            <Button size="small" variant="quiet" onClick={() => draft.choose("mine")}>{r("rv.other.keep")}</Button>
          </div>
        </div>
      )}
      {review.outdated && (
        <div className="x-stale" role="status" data-testid="d.review.outdated">
          <p>{r("rv.outdated")}</p>
          <div className="row">
            <Button size="small" onClick={review.takeOver} data-testid="d.review.takeOver">{r("rv.outdated.take")}</Button>
            <Button size="small" variant="quiet" onClick={review.giveUp}>{r("rv.outdated.drop")}</Button>
          </div>
        </div>
      )}
    </>
  );
}
