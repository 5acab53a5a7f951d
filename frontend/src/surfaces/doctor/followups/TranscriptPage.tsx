import { useEffect, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@ui/router";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { newClientId } from "@core/ids";
import { audioUrl, isRunning, type Recording } from "@core/recordings";
import { correctTranscript, getTranscript, type Segment, type Transcript } from "@core/transcripts";
import { toast } from "@ui/announce";
import { Chip } from "@ui/Chip";
import { Checkbox, Select } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { TranscriptView } from "@ui/staff/transcript/TranscriptView";
import { Fetched } from "@ui/states";
import { useIdentity } from "../people";
import { useT } from "../words";
import { Workbench } from "../Workbench";
import { JobState, useRecording } from "./RecordingJob";

/** D-7: hear a call, read it, put it right. */
export function TranscriptPage({ id }: { id: string }) {
  const t = useT();
  const identity = useIdentity();
  const recording = useRecording(id);
  const who = recording.data ? identity(recording.data.patient) : "";
  return (
    <Workbench title={who ? t("d.transcript.title", { who }) : t("d.nav.followups")} fill>
      <div className="d-page d-fill">
        <Fetched query={recording} rows={5}>
          {(found) => <Opened recording={found} />}
        </Fetched>
      </div>
    </Workbench>
  );
}

function Opened({ recording }: { recording: Recording }) {
  const versions = recording.transcripts.map((one) => one.version);
  const newest = Math.max(0, ...versions);
  const [chosen, setChosen] = useState<number | null>(null);
  const [compare, setCompare] = useState(false);
  const version = chosen ?? newest;
  const shown = useTranscript(recording.id, version);
  const first = useTranscript(recording.id, compare ? 1 : 0);
  const correct = useCorrection(recording.id, newest, () => setChosen(null));
  useFreshWhenDone(recording);
  return (
    <>
      <JobState recording={recording} />
      <About recording={recording} transcript={shown.data ?? null} />
      {newest > 1 && <Versions recording={recording} version={version} compare={compare} onVersion={setChosen} onCompare={setCompare} />}
      <TranscriptBody
        recording={recording}
        transcript={shown.data ?? null}
        machine={compare && version > 1 ? (first.data ?? null) : null}
        {...(version === newest && newest > 0 ? { onCorrect: correct } : {})}
      />
      {newest > 0 && <Fetched query={shown}>{() => null}</Fetched>}
    </>
  );
}

interface BodyProps {
  recording: Recording;
  transcript: Transcript | null;
  machine: Transcript | null;
  onCorrect?: (segment: Segment, text: string) => Promise<void>;
}

function TranscriptBody({ recording, transcript, machine, ...acts }: BodyProps) {
  const t = useT();
  return <TranscriptView label={t("d.transcript.label", { name: recording.name })} audio={audioUrl(recording.id)} duration={recording.duration_s} transcript={transcript} compareWith={machine} {...acts} />;
}

/** What this text is: who or what wrote it, from which model, and where it comes from. */
function About({ recording, transcript }: { recording: Recording; transcript: Transcript | null }) {
  const t = useT();
  const locale = useLocale();
  if (!transcript) return null;
  const model = [transcript.model, transcript.model_version.slice(0, 12)].filter(Boolean).join(" · ");
  return (
    <div className="row d-transcript-about" data-testid="d.transcript.about">
      <Chip tone={transcript.machine ? "warn" : "info"} data-testid="d.transcript.label">
        {inLocale(transcript.label, locale)}
      </Chip>
      <span className="secondary">
        {model}
        {transcript.author ? ` · ${transcript.author.name}` : ""} · {dateTime(parseTime(transcript.at), locale)}
      </span>
      <Link href={recording.followup ? `/followups/${recording.followup}` : `/c/${recording.consultation}`}>{t("d.transcript.call")}</Link>
      <Link href={`/patients/${recording.patient.id}`}>{t("d.panel.chart")}</Link>
    </div>
  );
}

interface VersionsProps {
  recording: Recording;
  version: number;
  compare: boolean;
  onVersion: (version: number) => void;
  onCompare: (compare: boolean) => void;
}

/** Every version stays: the machine's, and each correction with who made it. */
function Versions({ recording, version, compare, onVersion, onCompare }: VersionsProps) {
  const t = useT();
  const locale = useLocale();
  const name = (one: Recording["transcripts"][number]) =>
    t(one.author ? "d.version.person" : "d.version.machine", { version: one.version, name: one.author?.name ?? "", time: dateTime(parseTime(one.at), locale) });
  return (
    <div className="row d-versions">
      <Select
        label={t("d.version")}
        value={String(version)}
        options={recording.transcripts.map((one) => ({ value: String(one.version), label: name(one) }))}
        onChange={(value) => onVersion(Number(value))}
        data-testid="d.transcript.version"
      />
      {version > 1 && <Checkbox label={t("d.version.compare")} checked={compare} onChange={onCompare} data-testid="d.transcript.compare" />}
    </div>
  );
}

function useTranscript(id: string, version: number) {
  return useQuery({ queryKey: ["transcript", id, version], queryFn: () => getTranscript(id, version), enabled: version > 0, staleTime: Infinity });
}

/** A correction becomes the newest version, which is then shown. */
function useCorrection(id: string, based_on: number, onNewest: () => void) {
  const t = useT();
  const queries = useQueryClient();
  return async (segment: Segment, text: string) => {
    const { version } = await correctTranscript(id, { client_id: newClientId(), based_on, edits: [{ segment: segment.id, text }] });
    await queries.invalidateQueries({ queryKey: ["recording", id] });
    toast(t("d.version.saved", { version }));
    onNewest();
  };
}

/** The list of calls shows the same state: it is asked for again when the work has ended. */
function useFreshWhenDone(recording: Recording): void {
  const queries = useQueryClient();
  const running = isRunning(recording.state);
  useEffect(() => {
    if (!running) void queries.invalidateQueries({ queryKey: ["followups"] });
  }, [running, queries]);
}
