import { useState } from "react";
import { Search as SearchIcon } from "lucide-react";
import { inLocale } from "@core/i18n";
import { Button } from "@ui/Button";
import { Checkbox, CheckboxGroup, Select, TextField } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { FLAGS, KEEPING, PURPOSES, STATES } from "./api";
import { useDepartments, useFlagWords } from "./AppliedFilters";
import { CONTAINED, datesReversed, FURTHER, type FilterName, type Filters } from "./filters";
import { useT } from "./words";

/** The first field of the search: Ctrl+K finds it by this. */
export const SEARCH_FIELD = '[data-testid="c.search.query"]';

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
      <Choice name="state" values={STATES} draft={draft} set={set} word={(state) => t(`c.state.${state}`)} />
      <TextField label={t("c.filter.from")} type="date" {...field("from")} error={reversed ? t("c.search.reversed") : null} data-testid="c.search.from" />
      <TextField label={t("c.filter.to")} type="date" {...field("to")} data-testid="c.search.to" />
      <TextField label={t("c.filter.number")} {...field("number")} placeholder={t("c.search.number.example")} data-testid="c.search.number" />
      <Further draft={draft} set={set} />
      <Button type="submit" variant="primary" icon={SearchIcon} data-testid="c.search.submit">
        {t("c.search.submit")}
      </Button>
    </form>
  );
}

interface FurtherProps {
  draft: Readonly<Record<string, string>>;
  set: (name: FilterName) => (value: string) => void;
}

/** The filters that are needed less often; open from the start where one of them is in use, so that none works unseen. */
function Further({ draft, set }: FurtherProps) {
  const t = useT();
  const flag = useFlagWords();
  const used = FURTHER.filter((name) => draft[name]).length;
  const [open] = useState(used > 0);
  const text = (name: "staff" | "file") => <TextField label={t(`c.filter.${name}`)} value={draft[name] ?? ""} onChange={(event) => set(name)(event.target.value)} data-testid={`c.search.${name}`} />;
  return (
    <details className="c-further" open={open} data-testid="c.search.further">
      <summary>{t("c.search.further", { count: used })}</summary>
      <div className="c-search-grid">
        {text("staff")}
        <Choice name="flag" values={FLAGS} draft={draft} set={set} word={flag} />
        <Choice name="keeping" values={KEEPING} draft={draft} set={set} word={(value) => t(`c.keeping.${value}`)} />
        <Choice name="asked" values={PURPOSES} draft={draft} set={set} word={(value) => t(`c.purpose.${value}`)} />
        {text("file")}
      </div>
      <CheckboxGroup label={t("c.search.contains")} testid="c.search.contains">
        {CONTAINED.map((name) => (
          <Checkbox key={name} label={t(`c.contains.${name}`)} checked={draft[name] === "yes"} onChange={(on) => set(name)(on ? "yes" : "")} data-testid={`c.search.${name}`} />
        ))}
      </CheckboxGroup>
    </details>
  );
}

interface ChoiceProps<Value extends string> extends FurtherProps {
  name: "state" | "flag" | "keeping" | "asked";
  values: readonly Value[];
  word: (value: Value) => string;
}

function Choice<Value extends string>({ name, values, word, draft, set }: ChoiceProps<Value>) {
  const t = useT();
  const options = [{ value: "", label: t("c.any") }, ...values.map((value) => ({ value, label: word(value) }))];
  return <Select label={t(`c.filter.${name}`)} value={draft[name] ?? ""} options={options} onChange={set(name)} data-testid={`c.search.${name}`} />;
}

/** Without the list of departments this one filter cannot be used, and says so. */
function DepartmentSelect({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useT();
  const locale = useLocale();
  const known = useDepartments();
  const options = (known.data ?? []).map((one) => ({ value: one.id, label: inLocale(one.name, locale) }));
  const error = known.isError ? t("c.search.noDepartments") : null;
  return <Select label={t("c.filter.department")} value={value} options={[{ value: "", label: t("c.any") }, ...options]} onChange={onChange} error={error} data-testid="c.search.department" />;
}
