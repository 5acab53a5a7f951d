import { BadgeCheck, CircleHelp, Printer } from "lucide-react";
import { Link } from "@ui/router";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import type { Recording } from "@core/recordings";
import type { Transcript } from "@core/transcripts";
import { Chip } from "@ui/Chip";
import { Checkbox, Select } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { useT } from "../words";
import { useReviewWords } from "./words";

/** Which version counts, what the shown text is, from which model, and where it belongs. */
export function About({ recording, version, transcript }: { recording: Recording; version: number; transcript: Transcript | null }) {
  const t = useT();
  const r = useReviewWords();
  const locale = useLocale();
  const signed = recording.transcripts.some((one) => one.version === version && one.signed);
  const model = [transcript?.model, transcript?.model_version.slice(0, 12)].filter(Boolean).join(" · ");
  return (
    <div className="row d-transcript-about" data-testid="d.transcript.about">
      <Official recording={recording} shown={version} />
      {transcript && !(recording.official === version && signed) && (
        <Chip tone={transcript.machine ? "warn" : "info"} data-testid="d.transcript.label">
          {inLocale(transcript.label, locale)}
        </Chip>
      )}
      {transcript && <span className="secondary">{model}</span>}
      <Link href={recording.followup ? `/followups/${recording.followup}` : `/c/${recording.consultation}`}>{t("d.transcript.call")}</Link>
      <Link href={`/patients/${recording.patient.id}`}>{t("d.panel.chart")}</Link>
      {recording.official !== null && (
        <Link href={`/recordings/${recording.id}/print`} data-testid="d.review.print">
          <Printer size={16} aria-hidden /> {r("rv.print")}
        </Link>
      )}
    </div>
  );
}

/** Says in every state which version is to be believed. */
export function Official({ recording, shown }: { recording: Recording; shown: number }) {
  const r = useReviewWords();
  const locale = useLocale();
  const counts = recording.transcripts.find((one) => one.version === recording.official);
  if (!counts) return null;
  const words = counts.signed
    ? r("rv.official.signed", { version: counts.version, name: counts.signed.person.name, time: dateTime(parseTime(counts.signed.at), locale) })
    : r(counts.author ? "rv.official.person" : "rv.official.machine", { version: counts.version });
  const newer = counts.version < Math.max(...recording.transcripts.map((one) => one.version));
  return (
    <Chip tone={counts.signed ? "ok" : "warn"} icon={counts.signed ? BadgeCheck : CircleHelp} data-testid="d.review.official" data-version={counts.version}>
      {words}
      {newer && shown !== counts.version ? ` ${r("rv.official.newer", { version: shown })}` : ""}
    </Chip>
  );
}

interface VersionsProps {
  recording: Recording;
  version: number;
  compare: boolean;
  onVersion: (version: number) => void;
  onCompare: (compare: boolean) => void;
}

/** Every version stays: the machine's, and each correction with who made it and who signed it. */
export function Versions({ recording, version, compare, onVersion, onCompare }: VersionsProps) {
  const t = useT();
  const r = useReviewWords();
  const locale = useLocale();
  const name = (one: Recording["transcripts"][number]) => {
    const made = t(one.author ? "d.version.person" : "d.version.machine", { version: one.version, name: one.author?.name ?? "", time: dateTime(parseTime(one.at), locale) });
    return one.signed ? `${made} · ${r("rv.version.signed", { name: one.signed.person.name })}` : made;
  };
  if (recording.transcripts.length < 2) return null;
  return (
    <div className="row d-versions">
      <Select
        label={t("d.version")}
        value={String(version)}
        options={recording.transcripts.map((one) => ({ value: String(one.version), label: name(one) }))}
        onChange={(value) => onVersion(Number(value))}
        data-testid="d.transcript.version"
      />
      <Checkbox label={t("d.version.compare")} checked={compare} onChange={onCompare} data-testid="d.transcript.compare" />
    </div>
  );
}
