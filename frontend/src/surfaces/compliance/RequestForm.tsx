import type { Ref } from "react";
import { Send } from "lucide-react";
import { inLocale } from "@core/i18n";
import type { CodedError } from "@core/protocol";
import { Button } from "@ui/Button";
import { Checkbox, CheckboxGroup, RadioGroup, TextArea, TextField } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { HOURS_MAX, REASON_MAX, REASON_MIN, reasonLength, ticked, TOLD_AFTER_DAYS, type Draft, type Problem } from "./access";
import { CONTENTS, PURPOSES, TELLS, type Case, type Content } from "./api";
import { TwoBefore } from "./Second";
import { useT } from "./words";

interface RequestFormProps {
  ref: Ref<HTMLFormElement>;
  cases: readonly Case[];
  draft: Draft;
  problems: readonly Problem[];
  pending: boolean;
  error: CodedError | null;
  onChange: (part: Partial<Draft>) => void;
  onSubmit: () => void;
}

/** The terms of a request. Each error stands beside its field and goes when the field is right. */
export function RequestForm({ ref, cases, draft, problems, pending, error, onChange, onSubmit }: RequestFormProps) {
  const t = useT();
  const locale = useLocale();
  // The server names fields as this form does.
  const wrong = (field: Problem | "case_number") => {
    const said = error?.fields?.[field];
    if (said) return inLocale(said, locale);
    return field !== "case_number" && problems.includes(field) ? t(`c.request.problem.${field}`, { min: REASON_MIN, max: HOURS_MAX }) : null;
  };
  return (
    <form
      ref={ref}
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {error && <ErrorState error={error} />}
      <TwoBefore cases={cases} />
      <ContentTicks content={draft.content} recordings={cases.some((one) => one.recordings > 0)} error={wrong("content")} onChange={(content) => onChange({ content })} />
      <div className="c-short" data-invalid={wrong("purpose") ? true : undefined}>
        <RadioGroup
          label={t("c.request.purpose")}
          value={draft.purpose}
          options={PURPOSES.map((purpose) => ({ value: purpose, label: t(`c.purpose.${purpose}`) }))}
          onChange={(purpose) => onChange({ purpose })}
          error={wrong("purpose")}
          testid="c.request.purpose"
        />
      </div>
      <TextField
        label={t("c.request.number")}
        hint={t("c.request.number.hint")}
        value={draft.case_number}
        maxLength={64}
        onChange={(event) => onChange({ case_number: event.target.value })}
        error={wrong("case_number")}
        data-testid="c.request.number"
      />
      <Reason reason={draft.reason} error={wrong("reason")} onChange={(reason) => onChange({ reason })} />
      <TextField
        label={t("c.request.hours")}
        hint={t("c.request.hours.hint", { max: HOURS_MAX })}
        type="number"
        inputMode="numeric"
        min={1}
        max={HOURS_MAX}
        value={draft.hours}
        onChange={(event) => onChange({ hours: event.target.value })}
        error={wrong("hours")}
        data-testid="c.request.hours"
      />
      <Days draft={draft} error={wrong("days")} onChange={onChange} />
      <div className="c-short">
        <RadioGroup
          label={t("c.request.tell")}
          value={draft.tell}
          options={TELLS.map((tell) => ({ value: tell, label: t(`c.request.tell.${tell}`, { days: TOLD_AFTER_DAYS }) }))}
          onChange={(tell) => onChange({ tell })}
          testid="c.request.tell"
        />
      </div>
      <div className="row">
        <Button type="submit" variant="primary" icon={Send} pending={pending} data-testid="c.request.submit">
          {t("c.request.submit", { count: cases.length })}
        </Button>
      </div>
    </form>
  );
}

function Days({ draft, error, onChange }: { draft: Pick<Draft, "since" | "until">; error: string | null; onChange: (part: Partial<Draft>) => void }) {
  const t = useT();
  return (
    <fieldset className="x-choices c-days">
      <legend>{t("c.request.days")}</legend>
      <p className="x-field-hint">{t("c.request.days.hint")}</p>
      <div className="row c-days-row">
        <TextField label={t("c.request.since")} type="date" value={draft.since} onChange={(event) => onChange({ since: event.target.value })} error={error} data-testid="c.request.since" />
        <TextField label={t("c.request.until")} type="date" value={draft.until} onChange={(event) => onChange({ until: event.target.value })} data-testid="c.request.until" />
      </div>
    </fieldset>
  );
}

const SOUND: readonly Content[] = ["recordings", "transcripts"];

function ContentTicks({ content, recordings, error, onChange }: { content: readonly Content[]; recordings: boolean; error: string | null; onChange: (content: Content[]) => void }) {
  const t = useT();
  const tick = (one: Content, on: boolean) => onChange(ticked(content, one, on));
  const about = (one: Content) => {
    if (SOUND.includes(one)) return recordings ? undefined : t("c.request.noRecordings");
    return one === "conversation" ? undefined : t("c.request.talk");
  };
  return (
    <div className="c-short" data-invalid={error ? true : undefined}>
      <CheckboxGroup label={t("c.request.content")} testid="c.request.content">
        {error && <p className="x-field-error">{error}</p>}
        <p className="x-field-hint">{t("c.request.content.hint")}</p>
        {CONTENTS.map((one) => (
          <Checkbox
            key={one}
            label={t(`c.content.${one}`)}
            description={about(one)}
            checked={content.includes(one)}
            onChange={(on) => tick(one, on)}
            data-testid={`c.request.content.${one}`}
          />
        ))}
      </CheckboxGroup>
    </div>
  );
}

/** At least twenty characters; the count is shown as it grows and is not read out at every key. */
function Reason({ reason, error, onChange }: { reason: string; error: string | null; onChange: (reason: string) => void }) {
  const t = useT();
  const length = reasonLength(reason);
  return (
    <div>
      <TextArea
        label={t("c.request.reason")}
        hint={t("c.request.reason.hint", { min: REASON_MIN })}
        value={reason}
        maxLength={REASON_MAX}
        onChange={(event) => onChange(event.target.value)}
        error={error}
        data-testid="c.request.reason"
      />
      <p className="meta c-count" data-testid="c.request.reason.count" data-enough={length >= REASON_MIN}>
        {length < REASON_MIN ? t("c.request.reason.missing", { length, missing: REASON_MIN - length }) : t("c.request.reason.enough", { length, max: REASON_MAX })}
      </p>
    </div>
  );
}
