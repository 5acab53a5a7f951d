import { ShieldX } from "lucide-react";
import { parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { Chip, type Tone } from "@ui/Chip";
import { fullName } from "@ui/names";
import { Link } from "@ui/router";
import { useLocale } from "@ui/settings";
import { FILTERS } from "../filters";
import { useListed } from "../Grants";
import { exactTime } from "../timeline";
import { useT } from "../words";
import type { LogEntry } from "./api";
import { LOG_FILTERS } from "./filters";
import { useWordsOf } from "./LogForm";
import { useLogWords } from "./words";

const TONE: Partial<Record<LogEntry["act"], Tone>> = { emergency: "danger", export: "warn", read: "info" };

/** The acts, newest first; each says where in the ledger it stands. */
export function LogList({ entries }: { entries: readonly LogEntry[] }) {
  return (
    <ol className="al-list">
      {entries.map((entry) => (
        <Row key={entry.place} entry={entry} />
      ))}
    </ol>
  );
}

function Row({ entry }: { entry: LogEntry }) {
  const t = useLogWords();
  const locale = useLocale();
  const { actOf } = useWordsOf();
  return (
    <li className="al-row" data-testid="al.row" data-kind={entry.kind} data-act={entry.act} data-intact={entry.intact}>
      <time className="tabular" dateTime={entry.at}>
        {exactTime(parseTime(entry.at))}
      </time>
      <div>
        <p>
          <strong>{entry.person ? fullName(entry.person, locale) : t("al.system")}</strong> {inLocale(entry.says, locale)}
        </p>
        <About entry={entry} />
        <p className="meta al-place">{t("al.place", { chain: entry.chain, seq: entry.seq, hash: entry.hash.slice(0, 16) })}</p>
      </div>
      <div className="al-chips">
        {!entry.intact && (
          <Chip tone="danger" icon={ShieldX}>
            {t("al.altered")}
          </Chip>
        )}
        <Chip tone={TONE[entry.act] ?? "neutral"}>{actOf(entry.act)}</Chip>
      </div>
    </li>
  );
}

/** A filter of this page or of the search for cases; one that neither knows is shown by its name rather than left out. */
function useFilterName(): (name: string) => string {
  const t = useLogWords();
  const c = useT();
  return (name) => {
    const here = LOG_FILTERS.find((one) => one === name);
    const there = FILTERS.find((one) => one === name);
    return here ? t(`al.filter.${here}`) : there ? c(`c.filter.${there}`) : name;
  };
}

/** About which case, for what, or by which filters. */
function About({ entry }: { entry: LogEntry }) {
  const t = useLogWords();
  const listed = useListed();
  const { purposeOf } = useWordsOf();
  const filterOf = useFilterName();
  const said = [
    entry.patient && t("al.about.patient", { patient: entry.patient }),
    entry.purpose && purposeOf(entry.purpose),
    entry.filters.length > 0 && t("al.about.filters", { names: listed(entry.filters.map(filterOf)) }),
    entry.found !== null && t("al.about.found", { found: entry.found }),
  ].filter(Boolean);
  if (!entry.number && said.length === 0) return null;
  return (
    <p className="secondary">
      {entry.number && <Link href={`/log?number=${entry.number}`}>{entry.number}</Link>} {said.join(" · ")}
    </p>
  );
}
