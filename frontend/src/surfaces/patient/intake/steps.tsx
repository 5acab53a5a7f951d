import { useQuery } from "@tanstack/react-query";
import { getDepartments } from "@core/consultations";
import { minutesRange } from "@core/format";
import { inLocale } from "@core/i18n";
import { DURATIONS, RED_FLAGS, type RedFlag } from "@core/protocol";
import { durationId, redFlagId } from "@ui/names";
import { Checkbox, CheckboxGroup, RadioGroup, TextArea, type Option } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { Fetched } from "@ui/states";
import { useUi } from "@ui/words";
import { useT } from "./words";
import type { Answers } from "./answers";
import { CareCard } from "./CareCard";

export interface StepProps {
  answers: Answers;
  change: (part: Partial<Answers>) => void;
  error: string | null;
}

/** The patient's own words, kept as they are. */
export function WordsStep({ answers, change, error }: StepProps) {
  const t = useT();
  return (
    <TextArea
      label={t("p.intake.words.label")}
      hint={t("p.intake.words.example")}
      error={error}
      rows={6}
      value={answers.complaint}
      onChange={(event) => change({ complaint: event.target.value })}
      data-testid="p.intake.words.answer"
    />
  );
}

export function DurationStep({ answers, change, error }: StepProps) {
  const t = useT();
  const ui = useUi();
  const options = DURATIONS.map((value) => ({ value, label: ui(durationId(value)) }));
  return <RadioGroup label={t("p.intake.duration")} hideLabel error={error} value={answers.duration} options={options} onChange={(duration) => change({ duration })} testid="p.intake.duration.answer" />;
}

/** The emergency check. A tick shows the care card at once; it never blocks going on. */
export function SafetyStep({ answers, change, error }: StepProps) {
  const t = useT();
  const ui = useUi();
  const tick = (flag: RedFlag, on: boolean) => {
    const red_flags = on ? [...answers.red_flags, flag] : answers.red_flags.filter((one) => one !== flag);
    change({ red_flags, none: false });
  };
  return (
    <>
      <CheckboxGroup label={t("p.intake.safety")} hideLabel testid="p.intake.safety.answer">
        {RED_FLAGS.map((flag) => (
          <Checkbox key={flag} label={ui(redFlagId(flag))} checked={answers.red_flags.includes(flag)} onChange={(on) => tick(flag, on)} aria-invalid={error ? true : undefined} data-testid={`p.intake.safety.${flag}`} />
        ))}
        <Checkbox label={t("p.intake.safety.none")} checked={answers.none} onChange={(none) => change({ none, red_flags: none ? [] : answers.red_flags })} data-testid="p.intake.safety.none" />
      </CheckboxGroup>
      {answers.red_flags.length > 0 && <CareCard flags={answers.red_flags} />}
    </>
  );
}

const UNSURE = "unsure";

export function DepartmentStep({ answers, change }: StepProps) {
  const t = useT();
  const locale = useLocale();
  const departments = useQuery({ queryKey: ["departments"], queryFn: getDepartments });
  return (
    <Fetched query={departments} rows={2}>
      {(all) => {
        const known = all.map((one): Option<string> => {
          const label = inLocale(one.name, locale);
          const typical = one.typical_reply_minutes;
          return typical ? { value: one.id, label, description: t("p.intake.department.typical", { range: minutesRange(typical, locale) }) } : { value: one.id, label };
        });
        const options = [{ value: UNSURE, label: t("p.intake.department.unsure"), description: t("p.intake.department.unsure.what") }, ...known];
        return (
          <RadioGroup
            label={t("p.intake.department")}
            hideLabel
            value={answers.department ?? UNSURE}
            options={options}
            onChange={(value) => change({ department: value === UNSURE ? null : value })}
            testid="p.intake.department.answer"
          />
        );
      }}
    </Fetched>
  );
}
