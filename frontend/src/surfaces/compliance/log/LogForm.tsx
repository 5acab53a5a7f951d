import { useState } from "react";
import { ListFilter } from "lucide-react";
import { Button } from "@ui/Button";
import { Select, TextField } from "@ui/fields";
import { useT } from "../words";
import { ACTS, chosen, PURPOSES, type LogFilter, type LogFilters } from "./filters";
import { useLogWords } from "./words";

/** How acts and purposes are called here. */
export function useWordsOf() {
  const t = useLogWords();
  const c = useT();
  const actOf = (act: (typeof ACTS)[number]) => t(`al.act.${act}`);
  const purposeOf = (purpose: (typeof PURPOSES)[number]) => (purpose === "care" || purpose === "family" ? t(`al.${purpose}`) : c(`c.purpose.${purpose}`));
  const valueOf = (name: string, value: string) => {
    const act = name === "act" && ACTS.find((one) => one === value);
    const purpose = name === "purpose" && PURPOSES.find((one) => one === value);
    return act ? actOf(act) : purpose ? purposeOf(purpose) : value;
  };
  return { actOf, purposeOf, valueOf };
}

/** All filters side by side; nothing is read before the form is sent. */
export function LogForm({ filters, onShow }: { filters: LogFilters; onShow: (filters: LogFilters) => void }) {
  const t = useLogWords();
  const c = useT();
  const { actOf, purposeOf } = useWordsOf();
  const [draft, setDraft] = useState<LogFilters>(filters);
  const [reversed, setReversed] = useState(false);
  const set = (name: LogFilter) => (value: string) => setDraft({ ...draft, [name]: value });
  const field = (name: LogFilter) => ({
    label: t(`al.filter.${name}`),
    value: draft[name] ?? "",
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set(name)(event.target.value),
    "data-testid": `al.filter.${name}`,
  });
  const choice = <Value extends string>(name: LogFilter, values: readonly Value[], word: (value: Value) => string) => ({
    label: t(`al.filter.${name}`),
    value: draft[name] ?? "",
    options: [{ value: "", label: c("c.any") }, ...values.map((value) => ({ value, label: word(value) }))],
    onChange: set(name),
    "data-testid": `al.filter.${name}`,
  });
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    const asked = chosen(draft);
    const wrong = asked.from !== undefined && asked.to !== undefined && asked.from > asked.to;
    setReversed(wrong);
    if (!wrong) onShow(asked);
  };
  return (
    <form role="search" className="c-search" onSubmit={submit} noValidate>
      <TextField {...field("person")} autoComplete="off" placeholder={t("al.person.example")} />
      <TextField {...field("number")} placeholder={c("c.search.number.example")} />
      <Select {...choice("act", ACTS, actOf)} />
      <Select {...choice("purpose", PURPOSES, purposeOf)} />
      <TextField {...field("from")} type="date" error={reversed ? c("c.search.reversed") : null} />
      <TextField {...field("to")} type="date" />
      <Button type="submit" variant="primary" icon={ListFilter} data-testid="al.show">
        {t("al.show")}
      </Button>
    </form>
  );
}
