import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { inLocale } from "@core/i18n";
import { useLocale } from "@ui/settings";
import { departments, type CaseState, type Found } from "./api";
import { FILTERS, type FilterName } from "./filters";
import { useListed } from "./Grants";
import { useT } from "./words";

/** How many cases, and by which filters: exactly those that the server says it applied, each with its way out. */
export function AppliedFilters({ found, onRemove }: { found: Found; onRemove: (name: FilterName) => void }) {
  const t = useT();
  const said = useFilterWords();
  const applied = found.filters.filter((filter): filter is { name: FilterName; value: string } => (FILTERS as readonly string[]).includes(filter.name));
  return (
    <div className="c-applied">
      <p data-testid="c.search.total">
        {t("c.search.total", { total: found.total })} <span className="secondary">{t("c.search.filters", { count: applied.length })}</span>
      </p>
      {applied.length > 0 && (
        <ul className="row" aria-label={t("c.search.applied")}>
          {applied.map(({ name, value }) => {
            const words = t("c.search.chip", { name: t(`c.filter.${name}`), value: said(name, value) });
            return (
              <li key={name}>
                <button type="button" className="c-chip" onClick={() => onRemove(name)} data-testid="c.search.chip" data-filter={name}>
                  {words}
                  <X size={16} aria-hidden />
                  <span className="sr-only">{t("c.search.remove")}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

/** Results without a filter that was asked for would mislead: they are not shown at all. */
export function NotApplied({ names }: { names: readonly FilterName[] }) {
  const t = useT();
  const listed = useListed();
  return (
    <p className="x-error" role="alert" data-testid="c.search.notApplied">
      {t("c.search.notApplied", { names: listed(names.map((name) => t(`c.filter.${name}`))) })}
    </p>
  );
}

export const useDepartments = () => useQuery({ queryKey: ["departments"], queryFn: departments, staleTime: 300_000 });

/** The value of a filter as people say it: a department by its name, a state in words. */
function useFilterWords(): (name: FilterName, value: string) => string {
  const t = useT();
  const locale = useLocale();
  const known = useDepartments().data ?? [];
  return (name, value) => {
    if (name === "state") return t(`c.state.${value as CaseState}`);
    const department = name === "department" ? known.find((one) => one.id === value) : undefined;
    return department ? inLocale(department.name, locale) : value;
  };
}
