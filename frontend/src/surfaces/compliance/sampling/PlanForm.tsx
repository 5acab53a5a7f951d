import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Shuffle } from "lucide-react";
import { codedFrom } from "@core/errors";
import { inLocale } from "@core/i18n";
import { Button } from "@ui/Button";
import { Select, TextArea, TextField } from "@ui/fields";
import { fullName } from "@ui/names";
import { useLocation } from "@ui/router";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { useDepartments } from "../AppliedFilters";
import { useT } from "../words";
import { planSample, SAMPLES, useRaters } from "./api";
import { EMPTY, problems, wishOf, type Draft, type PlanField } from "./plan";
import { useSampling } from "./words";

/** What is to be drawn, and why. The cases come from the server, and may be read once somebody else agrees. */
export function PlanForm() {
  const t = useSampling();
  const c = useT();
  const locale = useLocale();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [tried, setTried] = useState(false);
  const planning = useMutation({
    mutationFn: () => planSample(wishOf(draft)),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: SAMPLES });
      go(`/samples/${made.id}`);
    },
  });
  const wrong = problems(draft);
  const field = (name: PlanField) => ({
    label: t(`qs.plan.${name}`),
    value: draft[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => setDraft({ ...draft, [name]: event.target.value }),
    error: tried && wrong.has(name) ? t(`qs.plan.${name}.wrong`) : null,
    "data-testid": `qs.plan.${name}`,
  });
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong.size === 0) planning.mutate();
  };
  const departments = (useDepartments().data ?? []).map((one) => ({ value: one.id, label: inLocale(one.name, locale) }));
  const raters = (useRaters().data ?? []).map((one) => ({ value: one.id, label: fullName(one, locale) }));
  return (
    <form className="card stack" noValidate onSubmit={submit} aria-labelledby="plan-h">
      <h2 id="plan-h">{t("qs.plan")}</h2>
      {planning.isError && <ErrorState error={codedFrom(planning.error)} />}
      <div className="qs-plan">
        <TextField {...field("since")} type="date" />
        <TextField {...field("until")} type="date" />
        <Select
          label={c("c.filter.department")}
          value={draft.department}
          options={[{ value: "", label: t("qs.department.all") }, ...departments]}
          onChange={(department) => setDraft({ ...draft, department })}
          data-testid="qs.plan.department"
        />
        <Select
          label={t("qs.plan.rater")}
          hint={t("qs.plan.rater.hint")}
          value={draft.rater}
          options={[{ value: "", label: t("qs.plan.rater.none") }, ...raters]}
          onChange={(rater) => setDraft({ ...draft, rater })}
          data-testid="qs.plan.rater"
        />
        <TextField {...field("size")} type="number" inputMode="numeric" min={1} max={100} />
        <TextField {...field("hours")} type="number" inputMode="numeric" min={1} max={336} />
        <TextField {...field("seed")} autoComplete="off" placeholder={t("qs.plan.seed.example")} />
      </div>
      <TextArea {...field("reason")} rows={2} maxLength={1000} />
      <div className="row">
        <Button type="submit" variant="primary" icon={Shuffle} pending={planning.isPending} data-testid="qs.plan.submit">
          {t("qs.plan.submit")}
        </Button>
      </div>
    </form>
  );
}
