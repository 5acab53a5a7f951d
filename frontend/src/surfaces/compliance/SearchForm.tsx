import { useState } from "react";
import { Search as SearchIcon } from "lucide-react";
import { inLocale } from "@core/i18n";
import { Button } from "@ui/Button";
import { Select, TextField } from "@ui/fields";
import { useLocale } from "@ui/settings";
import type { CaseState } from "./api";
import { useDepartments } from "./AppliedFilters";
import { datesReversed, type FilterName, type Filters } from "./filters";
import { useT } from "./words";

/** The first field of the search: Ctrl+K finds it by this. */
export const SEARCH_FIELD = '[data-testid="c.search.query"]';
const STATES: readonly CaseState[] = ["queued", "active", "closed"];

/** All filters side by side; nothing is searched before the form is sent. */
export function SearchForm({ filters, onSearch }: { filters: Filters; onSearch: (filters: Filters) => void }) {
  const t = useT();
  const [draft, setDraft] = useState<Record<string, string>>(filters);
  const [reversed, setReversed] = useState(false);
  const set = (name: FilterName) => (value: string) => setDraft({ ...draft, [name]: value });
  const field = (name: FilterName) => ({ value: draft[name] ?? "", onChange: (event: React.ChangeEvent<HTMLInputElement>) => set(name)(event.target.value) });
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    const asked = Object.fromEntries(Object.entries(draft).filter(([, value]) => value.trim() !== ""));
    setReversed(datesReversed(asked));
    if (!datesReversed(asked)) onSearch(asked);
  };
  return (
    <form role="search" className="c-search" onSubmit={submit} noValidate>
      <TextField
        label={t("c.filter.patient")}
        type="search"
        autoComplete="off"
        aria-keyshortcuts="Control+K"
        placeholder={t("c.search.patient.example")}
        {...field("patient")}
        data-testid="c.search.query"
      />
      <TextField label={t("c.filter.doctor")} {...field("doctor")} data-testid="c.search.doctor" />
      <DepartmentSelect value={draft["department"] ?? ""} onChange={set("department")} />
      <Select
        label={t("c.filter.state")}
        value={draft["state"] ?? ""}
        options={[{ value: "", label: t("c.any") }, ...STATES.map((state) => ({ value: state, label: t(`c.state.${state}`) }))]}
        onChange={set("state")}
        data-testid="c.search.state"
      />
      <TextField label={t("c.filter.from")} type="date" {...field("from")} error={reversed ? t("c.search.reversed") : null} data-testid="c.search.from" />
      <TextField label={t("c.filter.to")} type="date" {...field("to")} data-testid="c.search.to" />
      <TextField label={t("c.filter.number")} {...field("number")} placeholder={t("c.search.number.example")} data-testid="c.search.number" />
      <Button type="submit" variant="primary" icon={SearchIcon} data-testid="c.search.submit">
        {t("c.search.submit")}
      </Button>
    </form>
  );
}

function DepartmentSelect({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useT();
  const locale = useLocale();
  const known = useDepartments().data ?? [];
  const options = known.map((one) => ({ value: one.id, label: inLocale(one.name, locale) }));
  return <Select label={t("c.filter.department")} value={value} options={[{ value: "", label: t("c.any") }, ...options]} onChange={onChange} data-testid="c.search.department" />;
}
