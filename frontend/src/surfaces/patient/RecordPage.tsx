import { useQuery } from "@tanstack/react-query";
import { FileHeart } from "lucide-react";
import { getChart, type ChartEntry, type Chart } from "@core/charts";
import { useSession } from "@ui/live";
import { languageOf } from "@ui/names";
import { PatientShell } from "@ui/PatientShell";
import { EmptyState, Fetched } from "@ui/states";
import { useNav } from "./nav";
import { RecordItem } from "./RecordItem";
import { useT } from "./pages/words";

/** My record: who I am, what to watch out for, and everything that happened, newest first. */
export function RecordPage() {
  const t = useT();
  const { person } = useSession();
  const chart = useQuery({ queryKey: ["chart", person.id], queryFn: () => getChart(person.id) });
  return (
    <PatientShell title={t("p.record.title")} nav={useNav()}>
      <Fetched query={chart}>
        {(page) => (
          <>
            <Header page={page} />
            <section className="stack" aria-labelledby="timeline-h">
              <h2 id="timeline-h">{t("p.record.timeline")}</h2>
              {page.timeline.length === 0 && <EmptyState icon={FileHeart} title={t("p.record.empty")} />}
              <ol className="stack" data-testid="p.record.timeline">
                {page.timeline.map((item) => (
                  <RecordItem key={`${item.kind}-${item.id}`} item={item} />
                ))}
              </ol>
            </section>
          </>
        )}
      </Fetched>
    </PatientShell>
  );
}

function Header({ page }: { page: Chart }) {
  const t = useT();
  const { name, sex, age, mrn_tail } = page.patient;
  const facts = [sex ? t(`p.sex.${sex as "female" | "male"}`) : "", age === null ? "" : t("p.age", { age }), t("p.mrn", { tail: mrn_tail })];
  return (
    <section className="card stack" aria-labelledby="who-h" data-testid="p.record.header">
      <div>
        <h2 id="who-h">{name}</h2>
        <p className="secondary">{facts.filter(Boolean).join(" · ")}</p>
      </div>
      <EntryList title={t("p.record.allergies")} entries={page.allergies} none={t("p.record.allergies.none")} testid="p.record.allergies" />
      <EntryList title={t("p.record.risks")} entries={page.risks} none={t("p.record.risks.none")} testid="p.record.risks" />
      <EntryList title={t("p.record.medications")} entries={page.medications} none={t("p.record.medications.none")} testid="p.record.medications" />
    </section>
  );
}

function EntryList({ title, entries, none, testid }: { title: string; entries: readonly ChartEntry[]; none: string; testid: string }) {
  return (
    <div data-testid={testid}>
      <h3>{title}</h3>
      {entries.length === 0 && <p className="secondary">{none}</p>}
      <ul>
        {entries.map((entry) => (
          <li key={entry.id} lang={languageOf(entry.text)}>
            {entry.text}
          </li>
        ))}
      </ul>
    </div>
  );
}
