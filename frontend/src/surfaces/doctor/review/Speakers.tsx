import { useState } from "react";
import { ArrowLeftRight } from "lucide-react";
import { pass, rename, speakersOf } from "@core/review";
import { Button } from "@ui/Button";
import { Select } from "@ui/fields";
import { useSpeakerName } from "@ui/staff/transcript/speakers";
import type { Reviewing } from "./useReview";
import { useReviewWords } from "./words";

const LONGEST = 80;

/** Who speaks: named once for the whole call, put together, or the two of them changed round. */
export function Speakers({ review }: { review: Reviewing }) {
  const r = useReviewWords();
  const { bases, now, make } = review;
  const speakers = speakersOf(now);
  const [first, second] = speakers;
  const nameOf = useSpeakerName();
  if (!first) return null;
  return (
    <section className="card stack d-desk-card" aria-labelledby="rv-speakers" data-testid="d.review.speakers">
      <h2 id="rv-speakers">{r("rv.speakers")}</h2>
      <ul className="stack">
        {speakers.map(({ key, name, lines }) => (
          <li key={key} className="d-speaker">
            <Name label={r("rv.speaker.name", { who: nameOf(key, null), lines })} name={name ?? ""} onName={(next) => make(rename(now, key, next))} />
            {speakers.length > 1 && (
              <Select
                label={r("rv.speaker.merge")}
                value=""
                options={[{ value: "", label: r("rv.speaker.apart") }, ...speakers.filter((one) => one.key !== key).map((one) => ({ value: one.key, label: nameOf(one.key, one.name) }))]}
                onChange={(into) => into !== "" && make(pass(bases, now, key, into, false))}
                data-testid="d.review.merge"
              />
            )}
          </li>
        ))}
      </ul>
      {second && speakers.length === 2 && (
        <Button size="small" icon={ArrowLeftRight} onClick={() => make(pass(bases, now, first.key, second.key, true))} data-testid="d.review.swap">
          {r("rv.speaker.swap")}
        </Button>
      )}
    </section>
  );
}

/** Taken when the field is left, or with Enter: one step, not one for each letter. */
function Name({ label, name, onName }: { label: string; name: string; onName: (name: string) => void }) {
  const [text, setText] = useState(name);
  const [before, setBefore] = useState(name);
  if (before !== name) {
    setBefore(name);
    setText(name);
  }
  const take = () => {
    if (text.trim() !== name) onName(text);
  };
  return (
    <label className="d-speaker-name">
      <span className="secondary">{label}</span>
      <input
        className="x-input"
        value={text}
        maxLength={LONGEST}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => event.key === "Enter" && !event.nativeEvent.isComposing && take()}
        data-testid="d.review.speakerName"
      />
    </label>
  );
}
