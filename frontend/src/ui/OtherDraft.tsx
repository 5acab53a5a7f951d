import { Button } from "./Button";
import { languageOf } from "./names";
import type { Draft } from "./useDraft";
import { useTalkWords } from "./talk/words";

/** What was written on another device while something else stands in this box: both are kept until the person chooses. */
export function OtherDraft({ draft, testid }: { draft: Draft; testid: string }) {
  const t = useTalkWords();
  if (draft.other === null) return null;
  return (
    <div className="x-composer-other" role="status" data-testid={`${testid}.otherDraft`}>
      <p>{t("tk.draft.other")}</p>
      <p className="own-words" lang={languageOf(draft.other)}>
        {draft.other}
      </p>
      <div className="row">
        <Button size="small" onClick={() => draft.choose("other")} data-testid={`${testid}.otherDraft.use`}>
          {t("tk.draft.use")}
        </Button>
        <Button size="small" variant="quiet" onClick={() => draft.choose("mine")} data-testid={`${testid}.otherDraft.keep`}>
          {t("tk.draft.keep")}
        </Button>
      </div>
    </div>
  );
}
