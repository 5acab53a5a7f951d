import { Checkbox, CheckboxGroup, TextField } from "@ui/fields";
import { daysReversed, hoursAreValid, ticked } from "./access";
import { CONTENTS, type Content, type Decision, type Grant } from "./api";
import { useT } from "./words";

/** What the approver leaves of a request. It begins as it was asked and can only become less. */
export interface Left {
  hours: string;
  content: Content[];
  since: string;
  until: string;
  tellNow: boolean;
  /** Ids of the cases that may be read. */
  cases: string[];
}

export const casesOf = (grant: Grant) => [
  { case: grant.case.id, number: grant.case.number },
  ...grant.together.filter((one) => one.state === "waiting").map((one) => ({ case: one.case, number: one.number })),
];

export const asAsked = (grant: Grant): Left => ({
  hours: String(grant.hours),
  content: grant.content,
  since: grant.since ?? "",
  until: grant.until ?? "",
  tellNow: grant.tell === "now",
  cases: casesOf(grant).map((one) => one.case),
});

export const isNarrower = (left: Left, grant: Grant) => JSON.stringify(left) !== JSON.stringify(asAsked(grant));

export const isUsable = (left: Left, grant: Grant) => hoursAreValid(left.hours, grant.hours) && left.content.length > 0 && left.cases.length > 0 && !daysReversed(left);

/** The terms of a decision: only what differs from the request is said. */
export function narrowedTo(left: Left, grant: Grant): Omit<Decision, "decision" | "reason"> {
  const asked = asAsked(grant);
  const differs = (name: keyof Left) => JSON.stringify(left[name]) !== JSON.stringify(asked[name]);
  return {
    hours: Number(left.hours),
    content: differs("content") ? left.content : null,
    since: differs("since") ? left.since || null : null,
    until: differs("until") ? left.until || null : null,
    tell_now: left.tellNow,
    cases: differs("cases") ? left.cases : null,
  };
}

interface NarrowProps {
  grant: Grant;
  left: Left;
  /** Whether mistakes are shown. */
  checked: boolean;
  onChange: (part: Partial<Left>) => void;
}

export function Narrow({ grant, left, checked, onChange }: NarrowProps) {
  const t = useT();
  const all = casesOf(grant);
  const empty = checked && (left.content.length === 0 || left.cases.length === 0);
  return (
    <fieldset className="x-choices stack" data-testid="c.narrow">
      <legend>{t("c.decision.narrower")}</legend>
      {empty && <p className="x-field-error">{t("c.decision.nothing")}</p>}
      <TextField
        label={t("c.decision.hours")}
        hint={t("c.decision.hours.hint", { hours: grant.hours })}
        type="number"
        inputMode="numeric"
        min={1}
        max={grant.hours}
        value={left.hours}
        onChange={(event) => onChange({ hours: event.target.value })}
        error={checked && !hoursAreValid(left.hours, grant.hours) ? t("c.decision.hours.problem", { hours: grant.hours }) : null}
        data-testid="c.approve.hours"
      />
      {all.length > 1 && (
        <CheckboxGroup label={t("c.decision.cases")}>
          {all.map((one) => (
            <Checkbox
              key={one.case}
              label={one.number}
              checked={left.cases.includes(one.case)}
              onChange={(on) => onChange({ cases: all.map((other) => other.case).filter((id) => (id === one.case ? on : left.cases.includes(id))) })}
              data-testid="c.approve.case"
            />
          ))}
        </CheckboxGroup>
      )}
      <CheckboxGroup label={t("c.decision.content")}>
        {CONTENTS.filter((one) => grant.content.includes(one)).map((one) => (
          <Checkbox
            key={one}
            label={t(`c.content.${one}`)}
            checked={left.content.includes(one)}
            onChange={(on) => onChange({ content: ticked(left.content, one, on) })}
            data-testid={`c.approve.content.${one}`}
          />
        ))}
      </CheckboxGroup>
      <Days grant={grant} left={left} checked={checked} onChange={onChange} />
      {grant.tell !== "now" && <Checkbox label={t("c.decision.tellNow")} checked={left.tellNow} onChange={(tellNow) => onChange({ tellNow })} data-testid="c.approve.tellNow" />}
    </fieldset>
  );
}

function Days({ grant, left, checked, onChange }: NarrowProps) {
  const t = useT();
  const bounds = { min: grant.since ?? undefined, max: grant.until ?? undefined };
  return (
    <div className="row">
      <TextField label={t("c.request.since")} type="date" {...bounds} value={left.since} onChange={(event) => onChange({ since: event.target.value })} error={checked && daysReversed(left) ? t("c.request.problem.days") : null} data-testid="c.approve.since" />
      <TextField label={t("c.request.until")} type="date" {...bounds} value={left.until} onChange={(event) => onChange({ until: event.target.value })} data-testid="c.approve.until" />
    </div>
  );
}
