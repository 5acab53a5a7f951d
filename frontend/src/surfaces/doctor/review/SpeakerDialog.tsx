import { useState } from "react";
import { newSpeaker, speak, speakersOf } from "@core/review";
import { playTime } from "@core/format";
import type { Segment } from "@core/transcripts";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { Checkbox, RadioGroup } from "@ui/fields";
import { useSpeakerName } from "@ui/staff/transcript/speakers";
import type { Reviewing } from "./useReview";
import { useReviewWords } from "./words";

/** Who said a line; it may be somebody new, and may be meant of all that this speaker says from here on. */
export function SpeakerDialog({ review, line, onDone }: { review: Reviewing; line: Segment; onDone: () => void }) {
  const r = useReviewWords();
  const nameOf = useSpeakerName();
  const { bases, now, make } = review;
  const fresh = newSpeaker(now);
  const [who, setWho] = useState(line.speaker);
  const [onwards, setOnwards] = useState(false);
  const options = [...speakersOf(now).map((one) => ({ value: one.key, label: nameOf(one.key, one.name) })), { value: fresh, label: r("rv.speaker.new") }];
  const take = () => {
    const meant = bases.filter((base, i) => base.id === line.id || (onwards && base.start >= line.start && now[i]?.speaker === line.speaker));
    make(speak(meant, who));
    onDone();
  };
  const actions = (
    <Button variant="primary" onClick={take} data-testid="d.review.speaker.take">
      {r("rv.speaker.take")}
    </Button>
  );
  return (
    <Dialog title={r("rv.speaker.who", { time: playTime(line.start) })} onClose={onDone} actions={actions} testid="d.review.speaker">
      <p className="own-words">{line.text}</p>
      <RadioGroup label={r("rv.speakers")} hideLabel value={who} options={options} onChange={setWho} />
      <Checkbox label={r("rv.speaker.onwards")} checked={onwards} onChange={setOnwards} />
    </Dialog>
  );
}
