import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { UsersRound } from "lucide-react";
import { endFamily, getFamily, letIn, type FamilyRow, type Scope } from "@core/family";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { RadioGroup, TextField } from "@ui/fields";
import { PatientShell } from "@ui/PatientShell";
import { useLocale } from "@ui/settings";
import { EmptyState, ErrorState, Fetched } from "@ui/states";
import { useNav } from "./nav";
import { useT } from "./pages/words";

const SCOPES: readonly Scope[] = ["see", "ask"];
const DAYS = ["7", "30", "365"] as const;

/** Whom I let see my consultations, and the end of it at one touch; and who lets me in. */
export function Family() {
  const t = useT();
  const family = useQuery({ queryKey: ["family"], queryFn: getFamily });
  return (
    <PatientShell title={t("p.family")} back="/me" nav={useNav()}>
      <p>{t("p.family.what")}</p>
      <Fetched query={family}>
        {({ mine, of }) => (
          <>
            <section className="stack" aria-labelledby="mine-h">
              <h2 id="mine-h">{t("p.family.mine")}</h2>
              {mine.length === 0 && <EmptyState icon={UsersRound} title={t("p.family.none")} />}
              <Rows rows={mine} />
            </section>
            <LetIn />
            {of.length > 0 && (
              <section className="stack" aria-labelledby="of-h">
                <h2 id="of-h">{t("p.family.of")}</h2>
                <Rows rows={of} />
              </section>
            )}
          </>
        )}
      </Fetched>
    </PatientShell>
  );
}

function Rows({ rows }: { rows: readonly FamilyRow[] }) {
  return (
    <ul className="stack">
      {rows.map((row) => (
        <Row key={row.id} row={row} />
      ))}
    </ul>
  );
}

function Row({ row }: { row: FamilyRow }) {
  const t = useT();
  const locale = useLocale();
  const client = useQueryClient();
  const { id, name, scope, state, until } = row;
  const ending = useMutation({
    mutationFn: () => endFamily(id),
    onSuccess: () => {
      announce(t("p.family.ended.said", { name }));
      void client.invalidateQueries({ queryKey: ["family"] });
      void client.invalidateQueries({ queryKey: ["consultations"] });
    },
  });
  return (
    <li className="card" data-testid="p.family.row" data-state={state}>
      <p>
        <strong>{name}</strong> <span className="secondary">{t(`p.family.scope.${scope}`)}</span>
      </p>
      <p className="secondary">{state === "current" ? t("p.family.until", { time: dateTime(parseTime(until), locale) }) : t(`p.family.${state}`)}</p>
      {ending.isError && <ErrorState error={codedFrom(ending.error)} />}
      {state === "current" && (
        <Button variant="danger" pending={ending.isPending} onClick={() => ending.mutate()} data-testid="p.family.end">
          {t("p.family.end", { name })}
        </Button>
      )}
    </li>
  );
}

function LetIn() {
  const t = useT();
  const client = useQueryClient();
  const [phone, setPhone] = useState("");
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("see");
  const [days, setDays] = useState<(typeof DAYS)[number]>("30");
  const [checked, setChecked] = useState(false);
  const letting = useMutation({
    mutationFn: () => letIn({ phone: phone.trim(), name: name.trim(), scope, days: Number(days) }),
    onSuccess: (row) => {
      announce(t("p.family.in.said", { name: row.name }));
      void client.invalidateQueries({ queryKey: ["family"] });
      setPhone("");
      setName("");
      setChecked(false);
    },
  });
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (phone.trim() && name.trim()) letting.mutate();
  };
  const missing = (value: string) => (checked && !value.trim() ? t("p.family.missing") : null);
  return (
    <form className="stack" noValidate onSubmit={submit} aria-labelledby="in-h">
      <h2 id="in-h">{t("p.family.in")}</h2>
      {letting.isError && <ErrorState error={codedFrom(letting.error)} />}
      <TextField label={t("p.family.name")} value={name} maxLength={60} autoComplete="off" onChange={(event) => setName(event.target.value)} error={missing(name)} data-testid="p.family.name" />
      <TextField label={t("p.family.phone")} type="tel" inputMode="tel" value={phone} maxLength={64} autoComplete="off" onChange={(event) => setPhone(event.target.value)} error={missing(phone)} data-testid="p.family.phone" />
      <RadioGroup label={t("p.family.scope")} value={scope} options={SCOPES.map((value) => ({ value, label: t(`p.family.scope.${value}`) }))} onChange={setScope} testid="p.family.scope" />
      <RadioGroup label={t("p.family.days")} value={days} options={DAYS.map((value) => ({ value, label: t("p.family.days.count", { days: Number(value) }) }))} onChange={setDays} testid="p.family.days" />
      <Button type="submit" variant="primary" pending={letting.isPending} data-testid="p.family.submit">
        {t("p.family.submit")}
      </Button>
    </form>
  );
}
