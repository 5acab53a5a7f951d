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

/** How many parts a record has. */
const PARTS = 4;

/** My record: who I am, what to watch out for, and everything that happened, newest first. */
export function RecordPage() {
  const t = useT();
  const { person } = useSession();
  return (
    <PatientShell title={t("p.record.title")} nav={useNav()}>
      <Contents patient={person.id} recordings="/record/recordings" />
    </PatientShell>
  );
}

/** What a relative may see of the record of the patient who lets them in. */
export function FamilyRecordPage({ patient }: { patient: string }) {
  const t = useT();
  return (
    <PatientShell title={t("p.family.record")} back="/me/family" nav={useNav()}>
      <Contents patient={patient} recordings={`/family/${patient}/recordings`} />
    </PatientShell>
  );
}

/** `recordings`: the address under which its recorded calls are. */
function Contents({ patient, recordings }: { patient: string; recordings: string }) {
  const t = useT();
  const chart = useQuery({ queryKey: ["chart", patient], queryFn: () => getChart(patient) });
  return (
    <Fetched query={chart}>
      {(page) => (
        <>
          <Header page={page} />
          <section className="stack" aria-labelledby="timeline-h">
            <h2 id="timeline-h">{t("p.record.timeline")}</h2>
            {page.timeline.length === 0 && <EmptyState icon={FileHeart} title={t("p.record.empty")} />}
            <ol className="stack" data-testid="p.record.timeline">
              {page.timeline.map((item) => (
                <RecordItem key={`${item.kind}-${item.id}`} item={item} recordings={recordings} />
              ))}
            </ol>
          </section>
        </>
      )}
    </Fetched>
  );
}

/** Of a part that is not shown nothing is said, not even that there is none. */
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
      {page.parts.length < PARTS && <p data-testid="p.record.parts">{t("p.family.seen", { parts: page.parts.map((part) => t(`p.family.part.${part}`)).join(" · ") })}</p>}
      {page.parts.includes("record") && (
        <>
          <EntryList title={t("p.record.allergies")} entries={page.allergies} none={t("p.record.allergies.none")} testid="p.record.allergies" />
          <EntryList title={t("p.record.risks")} entries={page.risks} none={t("p.record.risks.none")} testid="p.record.risks" />
        </>
      )}
      {page.parts.includes("medication") && <EntryList title={t("p.record.medications")} entries={page.medications} none={t("p.record.medications.none")} testid="p.record.medications" />}
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
