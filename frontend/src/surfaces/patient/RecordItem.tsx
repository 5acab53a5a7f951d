import { ClipboardList, FileText, MessagesSquare, Phone } from "lucide-react";
import type { ChartItem } from "@core/charts";
import { dateTime, parseTime, spokenLength } from "@core/format";
import { inLocale } from "@core/i18n";
import { fullName, languageOf } from "@ui/names";
import { useLocale } from "@ui/settings";
import { ButtonLink } from "./ButtonLink";
import { useT } from "./pages/words";

const ICON = { entry: ClipboardList, consultation: MessagesSquare, recording: Phone } as const;

/** One thing that happened: a consultation, a call, or an entry in the record. `recordings`: the address of its recorded calls. */
export function RecordItem({ item, recordings }: { item: ChartItem; recordings: string }) {
  const locale = useLocale();
  const Icon = ICON[item.kind];
  return (
    <li className="card stack" data-testid="p.record.item" data-kind={item.kind}>
      <div>
        <h3 className="p-item-title">
          <Icon size={20} aria-hidden />
          {inLocale(item.title, locale)}
        </h3>
        <p className="meta">
          <time dateTime={item.at}>{dateTime(parseTime(item.at), locale)}</time>
        </p>
      </div>
      {item.entry && <EntryBody entry={item.entry} />}
      {item.consultation && <ConsultationBody consultation={item.consultation} />}
      {item.recording && <RecordingBody recording={item.recording} recordings={recordings} />}
    </li>
  );
}

/** Amended entries stay readable: struck through, with the reason at the new one. */
function EntryBody({ entry }: { entry: NonNullable<ChartItem["entry"]> }) {
  const t = useT();
  const locale = useLocale();
  const { text, value, author, amends, amended_by, reason } = entry;
  const words = <span lang={languageOf(text)}>{text}</span>;
  return (
    <>
      <p>
        {amended_by ? <del>{words}</del> : words} {value && <span className="secondary">{value.unit}</span>}
      </p>
      {amended_by && <p className="secondary">{t("p.record.amended")}</p>}
      {amends && <p className="secondary">{t("p.record.amends", { reason: reason ?? "" })}</p>}
      <p className="meta">{t("p.record.by", { name: fullName(author, locale) })}</p>
    </>
  );
}

function ConsultationBody({ consultation }: { consultation: NonNullable<ChartItem["consultation"]> }) {
  const t = useT();
  const locale = useLocale();
  const { id, assignee, department, complaint, summary } = consultation;
  return (
    <>
      <p className="secondary">{assignee ? `${fullName(assignee, locale)} · ${inLocale(department.name, locale)}` : inLocale(department.name, locale)}</p>
      <p className="own-words" lang={languageOf(complaint)}>
        {complaint}
      </p>
      {summary && (
        <div className="p-summary">
          <FileText size={20} aria-hidden />
          <p className="own-words" lang={languageOf(summary)}>
            {summary}
          </p>
        </div>
      )}
      <ButtonLink href={`/consultations/${id}`}>{t("p.record.open")}</ButtonLink>
    </>
  );
}

function RecordingBody({ recording, recordings }: { recording: NonNullable<ChartItem["recording"]>; recordings: string }) {
  const t = useT();
  const locale = useLocale();
  const { id, duration_s, state } = recording;
  const ready = state === "done" || state === "needs_review";
  return (
    <>
      {duration_s !== null && <p className="secondary">{t("p.record.length", { length: spokenLength(duration_s, locale) })}</p>}
      <p>{ready ? t("p.record.transcribed") : state === "failed" ? t("p.record.failed") : t("p.record.transcribing")}</p>
      <ButtonLink href={`${recordings}/${id}`} testid="p.record.recording">
        {t("p.record.listen")}
      </ButtonLink>
    </>
  );
}
