import { RefreshCw } from "lucide-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@ui/router";
import { codedFrom } from "@core/errors";
import { dateTime, fileSize, parseTime, spokenLength } from "@core/format";
import { inLocale } from "@core/i18n";
import { getRecording, isRunning, retryRecording, type Recording } from "@core/recordings";
import { Button } from "@ui/Button";
import { useLocale } from "@ui/settings";
import { ErrorState, Fetched } from "@ui/states";
import { useT } from "../words";
import { RecordingChip } from "./RecordingChip";

const POLL_MS = 1_000;

/** A recording, asked for each second while its transcription runs. */
export function useRecording(id: string) {
  return useQuery({
    queryKey: ["recording", id],
    queryFn: () => getRecording(id),
    refetchInterval: ({ state }) => (state.data && isRunning(state.data.state) ? POLL_MS : false),
  });
}

export function RecordingJob({ id }: { id: string }) {
  const recording = useRecording(id);
  return (
    <article className="card stack" data-testid="d.record.job">
      <Fetched query={recording} rows={1}>
        {(found) => <Job recording={found} />}
      </Fetched>
    </article>
  );
}

function Job({ recording }: { recording: Recording }) {
  const t = useT();
  const locale = useLocale();
  const length = recording.duration_s === null ? "" : ` · ${spokenLength(recording.duration_s, locale)}`;
  return (
    <>
      <div className="row d-job-head">
        <h3>{recording.name}</h3>
        <RecordingChip recording={recording} />
      </div>
      <p className="secondary">
        {dateTime(parseTime(recording.at), locale)} · {recording.uploaded_by.name} · {fileSize(recording.size)}
        {length}
      </p>
      <JobState recording={recording} />
      <p>
        <Link href={`/recordings/${recording.id}`} data-testid={recording.transcripts.length > 0 ? "d.record.open" : "d.record.hear"}>
          {t(recording.transcripts.length > 0 ? "d.job.read" : "d.job.hear")}
        </Link>
      </p>
    </>
  );
}

/** What is happening, or what went wrong and what to do about it. The recording itself is safe in every case, and it says so. */
export function JobState({ recording }: { recording: Recording }) {
  const t = useT();
  const locale = useLocale();
  return (
    <>
      {isRunning(recording.state) && (
        <label className="d-progress" data-testid="d.record.progress">
          <span>{t(recording.state === "running" ? "d.job.running" : "d.job.queued")}</span>
          <progress max={1} {...(recording.state === "running" ? { value: recording.progress } : {})} />
        </label>
      )}
      {recording.failure && <Failure recording={recording} />}
      {recording.warnings.length > 0 && (
        <ul className="d-warnings" data-testid="d.record.warnings">
          {recording.warnings.map((warning) => (
            <li key={warning.code}>{inLocale(warning.message, locale)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Failure({ recording }: { recording: Recording }) {
  const t = useT();
  const locale = useLocale();
  const queries = useQueryClient();
  const retrying = useMutation({
    mutationFn: () => retryRecording(recording.id),
    onSuccess: (fresh) => queries.setQueryData(["recording", recording.id], fresh),
  });
  if (!recording.failure) return null;
  return (
    <div className="x-error" role="alert" data-testid="d.record.failure" data-code={recording.failure.code}>
      <p>
        <strong>{t("d.job.failed")}</strong> {inLocale(recording.failure.message, locale)}
      </p>
      <p className="secondary">{t("d.job.safe")}</p>
      {retrying.isError && <ErrorState error={codedFrom(retrying.error)} />}
      {recording.failure.retry && <Button icon={RefreshCw} pending={retrying.isPending} onClick={() => retrying.mutate()} data-testid="d.record.retry">
        {t("d.job.retry")}
      </Button>}
    </div>
  );
}
