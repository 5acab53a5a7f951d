import { Checkbox, CheckboxGroup, RadioGroup, TextField } from "@ui/fields";
import { daysReversed } from "./access";
import { CONTENTS, type Content, type Grant } from "./api";
import type { Choice } from "./choice";
import { useT } from "./words";

interface PackChoiceProps {
  grant: Grant;
  choice: Choice;
  /** Whether a period without days is shown as a mistake. */
  checked: boolean;
  onChange: (part: Partial<Choice>) => void;
}

/** Of what the next pack shall be: this consultation, all of its patient's, or those of a period. */
export function PackChoice({ grant, choice, checked, onChange }: PackChoiceProps) {
  const t = useT();
  return (
    <>
      <RadioGroup
        label={t("c.pack.of")}
        value={choice.of}
        options={(["case", "patient", "period"] as const).map((value) => ({ value, label: t(`c.pack.of.${value}`) }))}
        onChange={(of) => onChange({ of, left: [] })}
        testid="c.pack.of"
      />
      {choice.of === "period" && <Days choice={choice} checked={checked} onChange={onChange} />}
      <details className="c-verify" data-testid="c.pack.choice">
        <summary>{t("c.pack.choice")}</summary>
        <div className="stack">
          <Parts grant={grant} choice={choice} onChange={onChange} />
          <CheckboxGroup label={t("c.pack.choice.form")}>
            <Checkbox
              label={t("c.pack.printed")}
              description={t("c.pack.printed.what")}
              checked={choice.printed}
              onChange={(printed) => onChange({ printed })}
              data-testid="c.pack.printed"
            />
            <Checkbox label={t("c.pack.quality")} description={t("c.pack.quality.what")} checked={choice.quality} onChange={(quality) => onChange({ quality })} data-testid="c.pack.quality" />
          </CheckboxGroup>
        </div>
      </details>
    </>
  );
}

function Days({ choice, checked, onChange }: Omit<PackChoiceProps, "grant">) {
  const t = useT();
  const { since, until } = choice;
  const missing = checked && (!since || !until) ? t("c.pack.period.missing") : null;
  return (
    <div className="row">
      <TextField label={t("c.request.since")} type="date" value={since} onChange={(event) => onChange({ since: event.target.value })} error={daysReversed(choice) ? t("c.request.problem.days") : missing} data-testid="c.pack.since" />
      <TextField label={t("c.request.until")} type="date" value={until} onChange={(event) => onChange({ until: event.target.value })} data-testid="c.pack.until" />
    </div>
  );
}

function Parts({ grant, choice, onChange }: Omit<PackChoiceProps, "checked">) {
  const t = useT();
  const chosen = choice.content.length > 0 ? choice.content : grant.content;
  // Nothing ticked means everything to the server: the last tick stays.
  const tick = (one: Content, on: boolean) => {
    const next = grant.content.filter((other) => (other === one ? on : chosen.includes(other)));
    if (next.length > 0) onChange({ content: next.length === grant.content.length ? [] : next });
  };
  return (
    <CheckboxGroup label={t("c.pack.choice.content")}>
      {CONTENTS.filter((one) => grant.content.includes(one)).map((one) => (
        <Checkbox key={one} label={t(`c.content.${one}`)} checked={chosen.includes(one)} onChange={(on) => tick(one, on)} data-testid={`c.pack.content.${one}`} />
      ))}
    </CheckboxGroup>
  );
}
