import { useState } from "react";
import { Pencil } from "lucide-react";
import { earlierVersions, type Chart, type ChartEntry } from "@core/charts";
import { dateTime, day, parseTime } from "@core/format";
import { IconButton } from "@ui/Button";
import { Chip } from "@ui/Chip";
import { languageOf } from "@ui/names";
import { useLocale } from "@ui/settings";
import { useT } from "../words";
import { EntryDialog } from "./EntryDialog";

const STALE_MS = 90 * 24 * 3600_000;

/** One entry with who wrote it and when; what it said before stands under it, struck through, with the reason. */
export function EntryRow({ chart, entry }: { chart: Chart; entry: ChartEntry }) {
  const t = useT();
  const locale = useLocale();
  const [amending, setAmending] = useState(false);
  const [now] = useState(Date.now);
  const at = parseTime(entry.at);
  const before = earlierVersions(chart, entry);
  return (
    <li className="d-entry" data-testid="d.panel.entry" data-kind={entry.kind} data-integrity={entry.integrity}>
      <p className="own-words" lang={languageOf(entry.text)}>
        {entry.text}
      </p>
      <p className="meta">
        <time dateTime={entry.at} title={dateTime(at, locale)}>
          {day(at, locale)}
        </time>
        {` · ${entry.author.name}`}
        {now - at > STALE_MS && <Chip>{t("d.entry.stale")}</Chip>}
        <IconButton icon={Pencil} label={t("d.entry.amendThis", { text: entry.text })} onClick={() => setAmending(true)} data-testid="d.panel.amend" />
      </p>
      {before.length > 0 && <Before entry={entry} versions={before} />}
      {amending && <EntryDialog patient={chart.patient} amends={entry} onDone={() => setAmending(false)} />}
    </li>
  );
}

function Before({ entry, versions }: { entry: ChartEntry; versions: readonly ChartEntry[] }) {
  const t = useT();
  const locale = useLocale();
  const newer = [entry, ...versions];
  return (
    <ul className="d-before" aria-label={t("d.entry.before")}>
      {versions.map((version, i) => (
        <li key={version.id} data-testid="d.panel.entry.before">
          <p className="own-words" lang={languageOf(version.text)}>
            <del>{version.text}</del>
          </p>
          <p className="meta">
            {t("d.entry.was", { time: dateTime(parseTime(version.at), locale), name: version.author.name })}
            {newer[i]?.reason && ` · ${t("d.entry.because", { reason: newer[i].reason })}`}
          </p>
        </li>
      ))}
    </ul>
  );
}
