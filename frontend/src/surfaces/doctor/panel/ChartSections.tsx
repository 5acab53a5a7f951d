import { useState, type ReactNode } from "react";
import { Plus, TriangleAlert } from "lucide-react";
import { currentEntries, type Chart, type EntryKind } from "@core/charts";
import { Button } from "@ui/Button";
import { useT, type DoctorId } from "../words";
import { EntryDialog } from "./EntryDialog";
import { EntryRow } from "./EntryRow";

/** What must be seen before anything else: allergies and risks. What is not recorded is said too. */
export function SafetyStrip({ chart }: { chart: Chart }) {
  return (
    <div className="d-safety">
      <SafetyKind chart={chart} kind="allergy" words={["d.safety.allergies", "d.safety.noAllergies"]} testid="d.panel.allergies" />
      <SafetyKind chart={chart} kind="risk" words={["d.safety.risks", "d.safety.noRisks"]} testid="d.panel.risks" />
    </div>
  );
}

function SafetyKind({ chart, kind, words: [title, none], testid }: { chart: Chart; kind: EntryKind; words: [DoctorId, DoctorId]; testid: string }) {
  const t = useT();
  const entries = currentEntries(chart, kind);
  return (
    <section className="d-safety-kind" data-any={entries.length > 0} data-testid={testid} aria-label={t(title)}>
      <h3>
        {entries.length > 0 && <TriangleAlert size={16} aria-hidden />}
        {t(title)}
        <AddButton chart={chart} kind={kind} />
      </h3>
      {entries.length === 0 ? <p className="secondary">{t(none)}</p> : <Entries chart={chart} entries={entries} />}
    </section>
  );
}

/** One kind of entry, the current ones; how to add another stands in the heading. */
export function ChartSection({ chart, kind, none }: { chart: Chart; kind: EntryKind; none: DoctorId }) {
  const t = useT();
  const entries = currentEntries(chart, kind);
  return (
    <PanelSection title={t(`d.kind.${kind}`)} count={entries.length} testid={`d.panel.${kind}`} action={<AddButton chart={chart} kind={kind} />}>
      {entries.length === 0 ? <p className="secondary">{t(none)}</p> : <Entries chart={chart} entries={entries} />}
    </PanelSection>
  );
}

const Entries = ({ chart, entries }: { chart: Chart; entries: Chart["allergies"] }) => (
  <ul className="d-entries">
    {entries.map((entry) => (
      <EntryRow key={entry.id} chart={chart} entry={entry} />
    ))}
  </ul>
);

function AddButton({ chart, kind }: { chart: Chart; kind: EntryKind }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" variant="quiet" icon={Plus} onClick={() => setOpen(true)} aria-label={t("d.entry.addKind", { kind: t(`d.kind.${kind}`) })} data-testid={`d.panel.add.${kind}`}>
        {t("d.entry.add")}
      </Button>
      {open && <EntryDialog patient={chart.patient} kind={kind} onDone={() => setOpen(false)} />}
    </>
  );
}

interface PanelSectionProps {
  title: string;
  count?: number;
  action?: ReactNode;
  testid?: string;
  children: ReactNode;
}

export function PanelSection({ title, count, action, testid, children }: PanelSectionProps) {
  return (
    <section className="d-section" data-testid={testid} aria-label={title}>
      <h3>
        <span>
          {title}
          {count !== undefined && count > 0 && <span className="secondary"> {count}</span>}
        </span>
        {action}
      </h3>
      {children}
    </section>
  );
}
