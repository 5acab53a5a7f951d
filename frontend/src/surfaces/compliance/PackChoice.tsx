import { Checkbox, CheckboxGroup } from "@ui/fields";
import type { Content, Grant, PackWish } from "./api";
import { useContents } from "./Grants";
import { useMine } from "./Page";
import { useT } from "./words";

interface PackChoiceProps {
  grant: Grant;
  wish: PackWish;
  onChange: (wish: PackWish) => void;
}

/** What goes into the next pack, as one sentence; who wants less or more than the usual opens the choice. */
export function PackChoice({ grant, wish, onChange }: PackChoiceProps) {
  const t = useT();
  const contents = useContents();
  const others = useOthers(grant);
  const chosen = wish.content.length > 0 ? wish.content : grant.content;
  // Nothing ticked means everything to the server: the last tick stays.
  const tick = (one: Content, on: boolean) => {
    const next = grant.content.filter((other) => (other === one ? on : chosen.includes(other)));
    if (next.length > 0) onChange({ ...wish, content: next.length === grant.content.length ? [] : next });
  };
  const join = (id: string, on: boolean) => onChange({ ...wish, also: on ? [...wish.also, id] : wish.also.filter((other) => other !== id) });
  return (
    <>
      <p data-testid="c.pack.preview">
        {t("c.pack.preview", { contents: contents(chosen), cases: wish.also.length + 1 })} {wish.printed && t("c.pack.preview.printed")} {t("c.pack.preview.whole")}
      </p>
      <details className="c-verify" data-testid="c.pack.choice">
        <summary>{t("c.pack.choice")}</summary>
        <div className="stack">
          <CheckboxGroup label={t("c.pack.choice.content")}>
            {grant.content.map((one) => (
              <Checkbox key={one} label={t(`c.content.${one}`)} checked={chosen.includes(one)} onChange={(on) => tick(one, on)} data-testid={`c.pack.content.${one}`} />
            ))}
          </CheckboxGroup>
          <CheckboxGroup label={t("c.pack.choice.form")}>
            <Checkbox
              label={t("c.pack.printed")}
              description={t("c.pack.printed.what")}
              checked={wish.printed}
              onChange={(printed) => onChange({ ...wish, printed })}
              data-testid="c.pack.printed"
            />
          </CheckboxGroup>
          {others.length > 0 && (
            <CheckboxGroup label={t("c.pack.also")}>
              {others.map((one) => (
                <Checkbox
                  key={one.id}
                  label={`${one.case.number} · ${one.case.patient}`}
                  description={contents(one.content)}
                  checked={wish.also.includes(one.id)}
                  onChange={(on) => join(one.id, on)}
                  data-testid="c.pack.also"
                />
              ))}
            </CheckboxGroup>
          )}
        </div>
      </details>
    </>
  );
}

/** My other grants in force, one for each other case. */
function useOthers(grant: Grant): Grant[] {
  const cases = new Set([grant.case.id]);
  return (useMine().data ?? []).filter((one) => {
    if (one.state !== "approved" || cases.has(one.case.id)) return false;
    cases.add(one.case.id);
    return true;
  });
}
