import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { UsersRound } from "lucide-react";
import { endFamily, getFamily, letIn, RECORD_PARTS, type FamilyRow, type MessageScope, type RecordPart } from "@core/family";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { Checkbox, CheckboxGroup, RadioGroup, TextField } from "@ui/fields";
import { PatientShell } from "@ui/PatientShell";
import { useLocale } from "@ui/settings";
import { EmptyState, ErrorState, Fetched } from "@ui/states";
import { ButtonLink } from "./ButtonLink";
import { useNav } from "./nav";
import { useT } from "./pages/words";

const MESSAGES: readonly MessageScope[] = ["none", "see", "ask"];
const DAYS = ["7", "30", "365"] as const;

/** Whom I let see my consultations and my record, and the end of it at one touch; and who lets me in. */
export function Family() {
  const t = useT();
  const family = useQuery({ queryKey: ["family"], queryFn: getFamily });
  return (
    <PatientShell title={t("p.family")} back="/me" nav={useNav()}>
      <p>{t("p.family.what")}</p>
      <Fetched query={family}>
        {({ mine, of }) => (
          <>
            {of.length > 0 && (
              <section className="stack" aria-labelledby="of-h">
                <h2 id="of-h">{t("p.family.of")}</h2>
                <Rows rows={of} helping />
              </section>
            )}
            <section className="stack" aria-labelledby="mine-h">
              <h2 id="mine-h">{t("p.family.mine")}</h2>
              {mine.length === 0 && <EmptyState icon={UsersRound} title={t("p.family.none")} />}
              <Rows rows={mine} />
            </section>
            <LetIn />
          </>
        )}
      </Fetched>
    </PatientShell>
  );
}

function Rows({ rows, helping = false }: { rows: readonly FamilyRow[]; helping?: boolean }) {
  return (
    <ul className="stack">
      {rows.map((row) => (
        <Row key={row.id} row={row} helping={helping} />
      ))}
    </ul>
  );
}

/** `helping`: it is I whom the other lets in. */
function Row({ row, helping }: { row: FamilyRow; helping: boolean }) {
  const t = useT();
  const locale = useLocale();
  const client = useQueryClient();
  const { id, person, name, messages, state, until } = row;
  const parts = RECORD_PARTS.filter((part) => row[part]);
  const ending = useMutation({
    mutationFn: () => endFamily(id),
    onSuccess: () => {
      announce(t(helping ? "p.family.left.said" : "p.family.ended.said", { name }));
      void client.invalidateQueries({ queryKey: ["family"] });
      void client.invalidateQueries({ queryKey: ["consultations"] });
    },
  });
  return (
    <li className="card stack" data-testid="p.family.row" data-state={state}>
      <p>
        <strong>{name}</strong>
      </p>
      <ul className="p-scopes" aria-label={t("p.family.may")} data-testid="p.family.scopes">
        {messages !== "none" && <li>{t(`p.family.may.${messages}`)}</li>}
        {parts.map((part) => (
          <li key={part}>{t(`p.family.part.${part}`)}</li>
        ))}
      </ul>
      <p className="secondary">{state === "current" ? t("p.family.until", { time: dateTime(parseTime(until), locale) }) : t(`p.family.${state}`)}</p>
      {helping && parts.length > 0 && (
        <ButtonLink href={`/family/${person}`} testid="p.family.open">
          {t("p.family.open", { name })}
        </ButtonLink>
      )}
      {ending.isError && <ErrorState error={codedFrom(ending.error)} />}
      {state === "current" && (
        <Button variant="danger" pending={ending.isPending} onClick={() => ending.mutate()} data-testid="p.family.end">
          {t(helping ? "p.family.leave" : "p.family.end", { name })}
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
  const [messages, setMessages] = useState<MessageScope>("see");
  const [parts, setParts] = useState<readonly RecordPart[]>([]);
  const [days, setDays] = useState<(typeof DAYS)[number]>("30");
  const [checked, setChecked] = useState(false);
  const letting = useMutation({
    mutationFn: () => letIn({ phone: phone.trim(), name: name.trim(), messages, days: Number(days), record: parts.includes("record"), medication: parts.includes("medication"), calls: parts.includes("calls") }),
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
      <RadioGroup label={t("p.family.messages")} value={messages} options={MESSAGES.map((value) => ({ value, label: t(`p.family.scope.${value}`) }))} onChange={setMessages} testid="p.family.scope" />
      <CheckboxGroup label={t("p.family.also")} testid="p.family.parts">
        {RECORD_PARTS.map((part) => (
          <Checkbox key={part} label={t(`p.family.part.${part}`)} checked={parts.includes(part)} onChange={(on) => setParts(on ? [...parts, part] : parts.filter((one) => one !== part))} />
        ))}
      </CheckboxGroup>
      <RadioGroup label={t("p.family.days")} value={days} options={DAYS.map((value) => ({ value, label: t("p.family.days.count", { days: Number(value) }) }))} onChange={setDays} testid="p.family.days" />
      <Button type="submit" variant="primary" pending={letting.isPending} data-testid="p.family.submit">
        {t("p.family.submit")}
      </Button>
    </form>
  );
}
