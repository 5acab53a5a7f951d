import { useState } from "react";
import { Replace as ReplaceIcon } from "lucide-react";
import { occurrences, replaceAll } from "@core/review";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { TextField } from "@ui/fields";
import type { Reviewing } from "./useReview";
import { useReviewWords } from "./words";

/** Finds a text in all lines and puts another in its place, all at once: one step, which can be taken back. */
export function Replace({ review }: { review: Reviewing }) {
  const r = useReviewWords();
  const { bases, now, make } = review;
  const [find, setFind] = useState("");
  const [text, setText] = useState("");
  const count = occurrences(now, find);
  const replace = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (count === 0) return;
    make(replaceAll(bases, now, find, text));
    toast(r("rv.replaced", { count }));
  };
  return (
    <form className="card stack d-desk-card" aria-labelledby="rv-replace" onSubmit={replace} data-testid="d.review.replace">
      <h2 id="rv-replace">{r("rv.replace")}</h2>
      <TextField label={r("rv.replace.find")} value={find} maxLength={200} onChange={(event) => setFind(event.target.value)} data-testid="d.review.find" />
      <TextField label={r("rv.replace.with")} value={text} maxLength={200} onChange={(event) => setText(event.target.value)} data-testid="d.review.with" />
      <Button type="submit" size="small" icon={ReplaceIcon} disabled={count === 0}>
        {r("rv.replace.all", { count })}
      </Button>
    </form>
  );
}
