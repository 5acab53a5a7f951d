import { useQuery } from "@tanstack/react-query";
import { Link } from "@ui/router";
import { getDepartments } from "@core/consultations";
import { inLocale } from "@core/i18n";
import { Checkbox, CheckboxGroup } from "@ui/fields";
import { useSession } from "@ui/live";
import { durationId, languageOf, redFlagId } from "@ui/names";
import { useLocale } from "@ui/settings";
import { useUi } from "@ui/words";
import { useT } from "./words";
import type { Answers } from "./answers";
import { CareCard } from "./CareCard";
import type { StepProps } from "./steps";

/** Everything that will be sent, each answer with its way back; two consents, separate and not ticked beforehand. */
export function CheckStep({ answers, change, error }: StepProps) {
  const t = useT();
  const consents = (["consultation", "privacy"] as const).map((consent) => (
    <Checkbox
      key={consent}
      label={t(`p.consent.${consent}`)}
      description={t(`p.consent.${consent}.what`)}
      checked={answers.consents.includes(consent)}
      aria-invalid={error ? true : undefined}
      onChange={(on) => change({ consents: on ? [...answers.consents, consent] : answers.consents.filter((one) => one !== consent) })}
      data-testid={`p.intake.consent.${consent}`}
    />
  ));
  return (
    <>
      {answers.red_flags.length > 0 && <CareCard flags={answers.red_flags} />}
      <AnswerList answers={answers} />
      <CheckboxGroup label={t("p.consent.title")}>{consents}</CheckboxGroup>
      <p className="secondary">{t("p.consent.refuse")}</p>
    </>
  );
}

function AnswerList({ answers }: { answers: Answers }) {
  const t = useT();
  const ui = useUi();
  const locale = useLocale();
  const { person } = useSession();
  const departments = useQuery({ queryKey: ["departments"], queryFn: getDepartments });
  const department = departments.data?.find((one) => one.id === answers.department);
  const rows = [
    { name: t("p.intake.words.short"), text: answers.complaint, lang: languageOf(answers.complaint), to: "words" },
    { name: t("p.intake.duration.short"), text: answers.duration ? ui(durationId(answers.duration)) : "", to: "duration" },
    { name: t("p.intake.safety.short"), text: answers.none ? t("p.intake.safety.none") : answers.red_flags.map((flag) => ui(redFlagId(flag))).join(ui("ui.listJoin")), to: "safety" },
    { name: t("p.intake.department.short"), text: department ? inLocale(department.name, locale) : t("p.intake.department.unsure"), to: "department" },
  ];
  return (
    <dl className="card p-answers" data-testid="p.intake.answers">
      <div>
        <dt>{t("p.intake.who")}</dt>
        <dd>{t("p.intake.who.self", { name: person.name })}</dd>
      </div>
      {rows.map((row) => (
        <div key={row.to}>
          <dt>{row.name}</dt>
          <dd className="own-words" lang={row.lang}>
            {row.text}
          </dd>
          <dd>
            <Link href={`/ask/${row.to}`} aria-label={t("p.intake.change.of", { name: row.name })} className="p-change">
              {t("p.intake.change")}
            </Link>
          </dd>
        </div>
      ))}
    </dl>
  );
}
