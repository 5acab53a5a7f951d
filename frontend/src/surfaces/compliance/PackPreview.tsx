import { Link } from "@ui/router";
import { dateTime, parseTime } from "@core/format";
import { Checkbox, CheckboxGroup } from "@ui/fields";
import { useLocale } from "@ui/settings";
import type { Content, Grant, PackedCase, PackPreview as Preview } from "./api";
import type { Choice } from "./choice";
import { useContents, useListed } from "./Grants";
import { useT } from "./words";

const ASKED_TOGETHER = 20; // as many as one request may name

interface PackPreviewProps {
  grant: Grant;
  found: Preview;
  choice: Choice;
  onChange: (part: Partial<Choice>) => void;
}

/** What the pack will hold, case by case, and what belongs to it and cannot be in it. */
export function PackPreview({ grant, found, choice, onChange }: PackPreviewProps) {
  const t = useT();
  const contents = useContents();
  const counts = useCounts();
  const taken = found.cases.filter((one) => !choice.left.includes(one.grant));
  const parts: Content[] = choice.content.length > 0 ? choice.content : grant.content;
  const several = found.cases.length > 1;
  return (
    <div className="stack" data-testid="c.pack.preview" data-cases={taken.length}>
      <p role="status">
        {t("c.pack.preview", { contents: contents(parts), cases: taken.length })} {choice.printed && t("c.pack.preview.printed")} {t("c.pack.preview.whole")}
      </p>
      {several ? (
        <CheckboxGroup label={t("c.pack.cases")}>
          {found.cases.map((one) => (
            <Checkbox
              key={one.grant}
              label={`${one.case.number} · ${one.case.patient}`}
              description={counts(one)}
              checked={!choice.left.includes(one.grant)}
              disabled={one.grant === grant.id}
              onChange={(on) => onChange({ left: on ? choice.left.filter((id) => id !== one.grant) : [...choice.left, one.grant] })}
              data-testid="c.pack.case"
            />
          ))}
        </CheckboxGroup>
      ) : (
        found.cases.map((one) => (
          <p key={one.grant} className="secondary" data-testid="c.pack.counts">
            {counts(one)}
          </p>
        ))
      )}
      {choice.of !== "case" && !several && found.missing_total === 0 && <p className="secondary">{t("c.pack.alone")}</p>}
      {found.missing_total > 0 && <Missing found={found} />}
    </div>
  );
}

/** "2026-11-20 · 12 entries · 1 recording", and whether it can be complete. */
function useCounts(): (one: PackedCase) => string {
  const t = useT();
  const locale = useLocale();
  return (one) => {
    const kinds = ["entries", "recordings", "transcripts", "attachments"] as const;
    const held = kinds.filter((kind) => one[kind] > 0).map((kind) => t(`c.pack.count.${kind}`, { count: one[kind] }));
    const end = one.case.state === "closed" ? [] : [t("c.pack.open")];
    if (one.case.kept === "shredded") end.push(t("c.pack.shredded"));
    return [dateTime(parseTime(one.case.opened_at), locale), ...(held.length > 0 ? held : [t("c.pack.count.nothing")]), ...end].join(" · ");
  };
}

/** A pack that does not hold all of its scope says so before it is made, and leads to where the rest is asked for. */
function Missing({ found }: { found: Preview }) {
  const t = useT();
  const listed = useListed();
  const numbers = found.missing.slice(0, ASKED_TOGETHER).map((one) => one.number);
  return (
    <div className="x-stale" data-testid="c.pack.missing" data-count={found.missing_total}>
      <p>{t("c.pack.missing", { count: found.missing_total, numbers: found.missing_total > numbers.length ? `${numbers.join(", ")} …` : listed(numbers) })}</p>
      <p>
        <Link href={`/request?${new URLSearchParams(numbers.map((number) => ["case", number])).toString()}`} className="c-inline-link" data-testid="c.pack.missing.ask">
          {t("c.pack.missing.ask", { count: numbers.length })}
        </Link>
      </p>
    </div>
  );
}
