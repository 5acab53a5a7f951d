import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { codedFrom } from "@core/errors";
import { inLocale } from "@core/i18n";
import { Button } from "@ui/Button";
import { redFlagId } from "@ui/names";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { useUi } from "@ui/words";
import { departments, type CaseState, type Flag, type Found, type Keeping, type Purpose } from "./api";
import { FILTERS, refusedFilters, type FilterName } from "./filters";
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

/** The search failed. Where the server refused single filters, each is named with what is wrong and can be taken away. */
export function FailedSearch({ error, onRetry, onRemove }: { error: unknown; onRetry: () => void; onRemove: (name: FilterName) => void }) {
  const t = useT();
  const locale = useLocale();
  const coded = codedFrom(error);
  return (
    <ErrorState error={coded} onRetry={onRetry}>
      {refusedFilters(coded.fields).map(([name, wrong]) => (
        <span key={name} className="row" data-testid="c.search.refused" data-filter={name}>
          <strong>{t(`c.filter.${name}`)}</strong> {inLocale(wrong, locale)}
          <Button size="small" onClick={() => onRemove(name)}>
            {t("c.search.loosen", { name: t(`c.filter.${name}`) })}
          </Button>
        </span>
      ))}
      <span>{t("c.search.noneShown")}</span>
    </ErrorState>
  );
}

export const useDepartments = () => useQuery({ queryKey: ["departments"], queryFn: departments, staleTime: 300_000 });

/** A danger sign as the patient was asked about it. */
export function useFlagWords(): (flag: Flag) => string {
  const t = useT();
  const ui = useUi();
  return (flag) => (flag === "any" ? t("c.flag.any") : ui(redFlagId(flag)));
}

/** The value of a filter as people say it: a department by its name, a state in words. */
function useFilterWords(): (name: FilterName, value: string) => string {
  const t = useT();
  const locale = useLocale();
  const flag = useFlagWords();
  const known = useDepartments().data ?? [];
  return (name, value) => {
    if (name === "state") return t(`c.state.${value as CaseState}`);
    if (name === "flag") return flag(value as Flag);
    if (name === "keeping") return t(`c.keeping.${value as Keeping}`);
    if (name === "asked") return t(`c.purpose.${value as Purpose}`);
    if (value === "yes") return t("c.yes");
    const department = name === "department" ? known.find((one) => one.id === value) : undefined;
    return department ? inLocale(department.name, locale) : value;
  };
}
