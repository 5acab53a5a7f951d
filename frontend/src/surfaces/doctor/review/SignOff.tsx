import { useState } from "react";
import { BadgeCheck } from "lucide-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import type { Recording } from "@core/recordings";
import { isDoubtful, signOff, type Transcript } from "@core/transcripts";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { Checkbox } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import type { Reviewing } from "./useReview";
import { useReviewWords } from "./words";

/** What is to be checked before a named person says that the newest version counts; afterwards, who said so. */
export function SignOff({ recording, newest, review }: { recording: Recording; newest: Transcript; review: Reviewing }) {
  const r = useReviewWords();
  const locale = useLocale();
  const signed = recording.transcripts.find((one) => one.version === newest.version)?.signed;
  return (
    <section className="card stack d-desk-card" aria-labelledby="rv-sign" data-testid="d.review.sign" data-signed={Boolean(signed)}>
      <h2 id="rv-sign">{r("rv.sign")}</h2>
      {signed && <p>{r("rv.sign.done", { name: signed.person.name, time: dateTime(parseTime(signed.at), locale), left: signed.doubts_left })}</p>}
      {signed && <p className="secondary">{r("rv.sign.later")}</p>}
      {!signed && <Checklist key={newest.version} recording={recording} newest={newest} review={review} />}
    </section>
  );
}

function Checklist({ recording, newest, review }: { recording: Recording; newest: Transcript; review: Reviewing }) {
  const r = useReviewWords();
  const queries = useQueryClient();
  const left = newest.segments.reduce((sum, line) => sum + line.words.filter(isDoubtful).length, 0);
  const [speakers, setSpeakers] = useState(false);
  const [doubts, setDoubts] = useState(false);
  const signing = useMutation({
    mutationFn: () => signOff(recording.id, { version: newest.version, doubts_left: left, speakers_confirmed: speakers }),
    onSuccess: (fresh) => {
      queries.setQueryData(["recording", recording.id], fresh);
      void queries.invalidateQueries({ queryKey: ["transcript", recording.id] });
      toast(r("rv.signed"));
    },
    onError: () => void queries.invalidateQueries({ queryKey: ["recording", recording.id] }),
  });
  const ready = speakers && (doubts || left === 0) && !review.changed;
  return (
    <>
      <Checkbox label={r("rv.sign.speakers")} checked={speakers} onChange={setSpeakers} data-testid="d.review.sign.speakers" />
      {left > 0 ? (
        <Checkbox label={r("rv.sign.doubts", { count: left })} description={r("rv.sign.doubts.how")} checked={doubts} onChange={setDoubts} data-testid="d.review.sign.doubts" />
      ) : (
        <p>{r("rv.sign.noDoubts")}</p>
      )}
      {review.changed && <p className="secondary">{r("rv.sign.saveFirst")}</p>}
      {signing.isError && <ErrorState error={codedFrom(signing.error)} />}
      <Button variant="primary" icon={BadgeCheck} disabled={!ready} pending={signing.isPending} onClick={() => signing.mutate()} data-testid="d.review.sign.do">
        {r("rv.sign.do", { version: newest.version })}
      </Button>
    </>
  );
}
