import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { TextField } from "@ui/fields";
import { useSession } from "@ui/live";
import { ErrorState, Fetched } from "@ui/states";
import { isApprover } from "../api";
import { useT } from "../words";
import { listRules, setRule, type Rule } from "./api";

/** How long each class is kept, as a sentence; an approver makes it longer. */
export function Rules() {
  const t = useT();
  const query = useQuery({ queryKey: ["keep", "rules"], queryFn: listRules });
  return (
    <div className="c-keep">
      <p className="secondary">{t("c.keep.rules.what")}</p>
      <Fetched query={query}>
        {(all) => (
          <div className="c-columns">
            {all.map((rule) => (
              <RuleCard key={`${rule.retention}-${rule.minimum}-${rule.maximum}`} rule={rule} />
            ))}
          </div>
        )}
      </Fetched>
    </div>
  );
}

function RuleCard({ rule }: { rule: Rule }) {
  const t = useT();
  const approver = isApprover(useSession().roles);
  return (
    <section className="card stack" aria-labelledby={`rule-${rule.retention}`} data-testid="c.keep.rule">
      <h2 id={`rule-${rule.retention}`}>{t(`c.keep.class.${rule.retention}`)}</h2>
      <p>{t("c.keep.rule.says", { minimum: rule.minimum, maximum: rule.maximum })}</p>
      <p className="secondary">{t("c.keep.rule.legal", { legal: rule.legal })}</p>
      {approver && <RuleForm rule={rule} />}
    </section>
  );
}

function RuleForm({ rule }: { rule: Rule }) {
  const t = useT();
  const client = useQueryClient();
  const [minimum, setMinimum] = useState(String(rule.minimum));
  const [maximum, setMaximum] = useState(String(rule.maximum));
  const setting = useMutation({
    mutationFn: () => setRule(rule.retention, { minimum: Number(minimum), maximum: Number(maximum) }),
    onSuccess: () => {
      announce(t("c.keep.rule.set"));
      void client.invalidateQueries({ queryKey: ["keep"] });
    },
  });
  const months = { type: "number", inputMode: "numeric", min: 1, max: 1200 } as const;
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setting.mutate();
  };
  return (
    <form className="stack" noValidate onSubmit={submit}>
      {setting.isError && <ErrorState error={codedFrom(setting.error)} />}
      <TextField {...months} label={t("c.keep.rule.minimum")} value={minimum} onChange={(event) => setMinimum(event.target.value)} data-testid="c.keep.rule.minimum" />
      <TextField {...months} label={t("c.keep.rule.maximum")} value={maximum} onChange={(event) => setMaximum(event.target.value)} />
      <div className="row">
        <Button type="submit" pending={setting.isPending} data-testid="c.keep.rule.save">
          {t("c.keep.rule.save")}
        </Button>
      </div>
    </form>
  );
}
