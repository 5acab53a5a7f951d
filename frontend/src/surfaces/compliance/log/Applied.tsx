import { X } from "lucide-react";
import type { Schemas } from "@core/protocol";
import { useT } from "../words";
import type { LogFilter } from "./filters";
import { useWordsOf } from "./LogForm";
import { useLogWords } from "./words";

/** Exactly the filters that the server says it applied, each with its way out. */
export function Applied({ filters, onRemove }: { filters: readonly Schemas["Filter"][]; onRemove: (name: LogFilter) => void }) {
  const t = useLogWords();
  const c = useT();
  const { valueOf } = useWordsOf();
  if (filters.length === 0) return <p className="secondary">{t("al.filters.none")}</p>;
  return (
    <ul className="row" aria-label={t("al.filters.applied")}>
      {filters.map(({ name, value }) => (
        <li key={name}>
          <button type="button" className="c-chip" onClick={() => onRemove(name as LogFilter)} data-testid="al.chip" data-filter={name}>
            {c("c.search.chip", { name: t(`al.filter.${name as LogFilter}`), value: valueOf(name, value) })}
            <X size={16} aria-hidden />
            <span className="sr-only">{t("al.filters.remove")}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
