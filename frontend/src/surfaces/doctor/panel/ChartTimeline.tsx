import { Link } from "@ui/router";
import type { Chart, ChartItem } from "@core/charts";
import { dateTime, parseTime, spokenLength } from "@core/format";
import { inLocale } from "@core/i18n";
import type { RecordingBrief } from "@core/recordings";
import { LongWords } from "@ui/staff/LongWords";
import { languageOf } from "@ui/names";
import { useSession } from "@ui/live";
import { useLocale } from "@ui/settings";
import { useT } from "../words";
import { RecordingChip } from "../followups/RecordingChip";

interface ChartTimelineProps {
  chart: Chart;
  /** The panel shows visits and calls, the page all. */
  only?: readonly ChartItem["kind"][];
  /** The case that is open beside it. */
  without?: string;
}

/** Everything that happened, newest first. */
export function ChartTimeline({ chart, only, without }: ChartTimelineProps) {
  const t = useT();
  const items = chart.timeline.filter((item) => (!only || only.includes(item.kind)) && (!item.consultation || item.consultation.id !== without));
  if (items.length === 0) return <p className="secondary">{t("d.timeline.none")}</p>;
  return (
    <ol className="d-timeline" data-testid="d.patient.timeline">
      {items.map((item) => (
        <TimelineItem key={item.id} item={item} />
      ))}
    </ol>
  );
}

function TimelineItem({ item }: { item: ChartItem }) {
  const locale = useLocale();
  const at = parseTime(item.at);
  return (
    <li data-kind={item.kind} data-testid="d.patient.timeline.item">
      <p className="d-timeline-head">
        <strong>{inLocale(item.title, locale)}</strong>
        <time className="meta" dateTime={item.at}>
          {dateTime(at, locale)}
        </time>
      </p>
      <Content item={item} />
    </li>
  );
}

function Content({ item }: { item: ChartItem }) {
  const t = useT();
  const locale = useLocale();
  const me = useSession().person.id;
  const { entry, consultation, recording } = item;
  if (entry) {
    const amended = entry.amended_by !== null;
    return (
      <p className="own-words" lang={languageOf(entry.text)}>
        {amended ? <del>{entry.text}</del> : entry.text}
        {amended && <span className="secondary"> {t("d.entry.replaced")}</span>}
      </p>
    );
  }
  if (consultation) {
    const words = consultation.summary ?? consultation.complaint;
    return (
      <>
        <LongWords text={words} more={t("d.words.more")} less={t("d.words.less")} />
        <p className="secondary">
          {consultation.assignee ? `${consultation.assignee.name} · ` : ""}
          {inLocale(consultation.department.name, locale)} · {t(`d.consultation.${consultation.state}`)}{" "}
          {consultation.assignee?.id === me && <Link href={`/c/${consultation.id}`}>{t("d.timeline.open")}</Link>}
        </p>
      </>
    );
  }
  return recording ? <RecordingLine recording={recording} /> : null;
}

function RecordingLine({ recording }: { recording: RecordingBrief }) {
  const t = useT();
  const locale = useLocale();
  return (
    <p className="row">
      <RecordingChip recording={recording} />
      {recording.duration_s !== null && <span className="secondary">{spokenLength(recording.duration_s, locale)}</span>}
      <Link href={`/recordings/${recording.id}`}>{t("d.timeline.recording")}</Link>
    </p>
  );
}
