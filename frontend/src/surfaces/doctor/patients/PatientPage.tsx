import { useState } from "react";
import { ClipboardPlus, NotebookPen } from "lucide-react";
import type { Chart } from "@core/charts";
import { Button } from "@ui/Button";
import { Fetched } from "@ui/states";
import { ChartSection, PanelSection, SafetyStrip } from "../panel/ChartSections";
import { ChartTimeline } from "../panel/ChartTimeline";
import { EntryDialog } from "../panel/EntryDialog";
import { useChart } from "../panel/useChart";
import { PlanDialog } from "../followups/PlanDialog";
import { CallSearch } from "../review/CallSearch";
import { useIdentity } from "../people";
import { useT } from "../words";
import { Workbench } from "../Workbench";

/** The whole record of one patient on one page. */
export function PatientPage({ id }: { id: string }) {
  const t = useT();
  const identity = useIdentity();
  const chart = useChart(id);
  const title = chart.data ? identity(chart.data.patient) : t("d.nav.patients");
  return (
    <Workbench title={title}>
      <div className="d-page">
        <Fetched query={chart} rows={6}>
          {(found) => <Record chart={found} />}
        </Fetched>
      </div>
    </Workbench>
  );
}

function Record({ chart }: { chart: Chart }) {
  const t = useT();
  const [dialog, setDialog] = useState<"entry" | "plan" | null>(null);
  const { patient } = chart;
  return (
    <>
      <div className="row d-record-head">
        <p className="secondary">{patient.birth_date ? t("d.patient.born", { date: patient.birth_date }) : t("d.patient.noBirthDate")}</p>
        <Button icon={NotebookPen} onClick={() => setDialog("entry")} data-testid="d.patient.add">
          {t("d.entry.addNew")}
        </Button>
        <Button icon={ClipboardPlus} onClick={() => setDialog("plan")} data-testid="d.patient.plan">
          {t("d.followup.plan")}
        </Button>
      </div>
      <h2 className="sr-only">{t("d.chart")}</h2>
      <SafetyStrip chart={chart} />
      <div className="d-record">
        <div className="d-record-sections">
          <ChartSection chart={chart} kind="problem" none="d.none.problem" />
          <ChartSection chart={chart} kind="medication" none="d.none.medication" />
          <ChartSection chart={chart} kind="reading" none="d.none.reading" />
          <ChartSection chart={chart} kind="note" none="d.none.note" />
        </div>
        <div className="d-record-sections">
          <CallSearch patient={patient.id} />
          <PanelSection title={t("d.patient.timeline")} testid="d.patient.all">
            <ChartTimeline chart={chart} />
          </PanelSection>
        </div>
      </div>
      {dialog === "entry" && <EntryDialog patient={patient} onDone={() => setDialog(null)} />}
      {dialog === "plan" && <PlanDialog patient={patient} onDone={() => setDialog(null)} />}
    </>
  );
}
