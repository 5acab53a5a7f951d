import { useState, type Ref } from "react";
import { X } from "lucide-react";
import { Link } from "@ui/router";
import type { Chart } from "@core/charts";
import type { ConsultationDetail } from "@core/consultations";
import { dateTime, parseTime } from "@core/format";
import { Button } from "@ui/Button";
import { CountBadge } from "@ui/Chip";
import { LongWords } from "@ui/staff/LongWords";
import { useLocale } from "@ui/settings";
import { useKeys } from "@ui/staff/keys";
import { Tabs } from "@ui/staff/Tabs";
import { Fetched } from "@ui/states";
import { useUi } from "@ui/words";
import { useFlagWords } from "../flags";
import { useIdentity } from "../people";
import { SidePanel } from "../side/SidePanel";
import { useSide } from "../side/useSides";
import { useT } from "../words";
import { ChartSection, PanelSection, SafetyStrip } from "./ChartSections";
import { ChartTimeline } from "./ChartTimeline";
import { useChart } from "./useChart";
import "../side/side.css";

interface PatientPanelProps {
  ref: Ref<HTMLElement>;
  detail: ConsultationDetail;
  /** On narrow screens it is a drawer. */
  open: boolean;
  onClose: () => void;
  /** Takes a colleague's words into the reply. */
  onCite: (words: string) => void;
}

type Tab = "patient" | "side";

/** D-3: what matters about this patient beside the conversation; the safety strip always first. */
export function PatientPanel({ ref, detail, open, onClose, onCite }: PatientPanelProps) {
  const t = useT();
  const identity = useIdentity();
  const chart = useChart(detail.patient.id);
  const [tab, setTab] = useState<Tab>("patient");
  const side = useSide(detail.id, detail.side !== null);
  const unread = side.data?.unread ?? detail.side?.unread ?? 0;
  useKeys({ Escape: onClose, "Alt+KeyN": () => setTab((now) => (now === "side" ? "patient" : "side")) });
  return (
    <aside ref={ref} id="panel" className="d-panel" data-open={open} data-tab={tab} aria-labelledby="panel-h" data-region tabIndex={-1} data-testid="d.panel">
      <header className="d-panel-head">
        <h2 id="panel-h">{identity(detail.patient)}</h2>
        <Button size="small" icon={X} className="d-panel-close" onClick={onClose}>
          {t("d.panel.close")}
        </Button>
      </header>
      <Tabs<Tab>
        label={t("d.panel.tabs")}
        selected={tab}
        onSelect={setTab}
        tabs={[
          { id: "patient", label: t("d.panel.patient"), content: <Fetched query={chart} rows={5}>{(found) => <PanelBody chart={found} detail={detail} />}</Fetched> },
          { id: "side", label: <SideLabel unread={unread} />, content: <SidePanel detail={detail} onCite={onCite} />, testid: "d.panel.side" },
        ]}
      />
    </aside>
  );
}

/** Always with the words that matter: the patient does not see it. */
function SideLabel({ unread }: { unread: number }) {
  const t = useT();
  return (
    <span className="d-side-tab">
      {t("d.side.tab")} <span className="d-side-tag">{t("d.side.tag")}</span>
      <CountBadge count={unread} label={t("d.row.unread", { count: unread })} />
    </span>
  );
}

function PanelBody({ chart, detail }: { chart: Chart; detail: ConsultationDetail }) {
  const t = useT();
  return (
    <>
      <SafetyStrip chart={chart} />
      <ThisTime detail={detail} />
      <ChartSection chart={chart} kind="medication" none="d.none.medication" />
      <ChartSection chart={chart} kind="reading" none="d.none.reading" />
      <ChartSection chart={chart} kind="problem" none="d.none.problem" />
      <ChartSection chart={chart} kind="note" none="d.none.note" />
      <PanelSection title={t("d.panel.history")} testid="d.panel.history">
        <ChartTimeline chart={chart} only={["consultation", "recording"]} without={detail.id} />
      </PanelSection>
      <p>
        <Link href={`/patients/${detail.patient.id}`} data-testid="d.panel.chart">
          {t("d.panel.chart")}
        </Link>
      </p>
    </>
  );
}

function ThisTime({ detail }: { detail: ConsultationDetail }) {
  const t = useT();
  const ui = useUi();
  const flags = useFlagWords()(detail.red_flags);
  const locale = useLocale();
  return (
    <PanelSection title={t("d.panel.thisTime")} testid="d.panel.intake">
      <LongWords text={detail.complaint} more={t("d.words.more")} less={t("d.words.less")} />
      {flags.length > 0 && <p className="d-row-flags">{flags.join(ui("ui.listJoin"))}</p>}
      <p className="meta">{t("d.panel.opened", { time: dateTime(parseTime(detail.opened_at), locale) })}</p>
    </PanelSection>
  );
}
