import { ArrowUp, RefreshCw, X } from "lucide-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@ui/router";
import { codedFrom } from "@core/errors";
import { dateTime, fileSize, parseTime, spokenLength } from "@core/format";
import { inLocale } from "@core/i18n";
import { cancelTranscription, getRecording, isRunning, retryRecording, transcribeFirst, type Recording } from "@core/recordings";
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
  const locale = useLocale();
  return (
    <>
      {isRunning(recording.state) && <Waiting recording={recording} />}
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

function Waiting({ recording }: { recording: Recording }) {
  const t = useT();
  const running = recording.state === "running";
  const ahead = recording.ahead ?? 0;
  const first = useChange(transcribeFirst, recording.id);
  const cancel = useChange(cancelTranscription, recording.id);
  const failed = first.error ?? cancel.error;
  return (
    <>
      <label className="d-progress" data-testid="d.record.progress">
        <span>{running ? t("d.job.running") : ahead > 0 ? t("d.job.behind", { count: ahead }) : t("d.job.queued")}</span>
        <progress max={1} {...(running ? { value: recording.progress } : {})} />
      </label>
      <div className="row">
        {ahead > 0 && (
          <Button icon={ArrowUp} pending={first.isPending} onClick={() => first.mutate()} data-testid="d.record.first">
            {t("d.job.first")}
          </Button>
        )}
        <Button icon={X} pending={cancel.isPending} onClick={() => cancel.mutate()} data-testid="d.record.cancel">
          {t("d.job.cancel")}
        </Button>
      </div>
      {failed && <ErrorState error={codedFrom(failed)} />}
    </>
  );
}

/** A request that answers with the recording as it is afterwards. */
function useChange(change: (id: string) => Promise<Recording>, id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => change(id),
    onSuccess: (fresh) => queries.setQueryData(["recording", id], fresh),
  });
}

function Failure({ recording }: { recording: Recording }) {
  const t = useT();
  const locale = useLocale();
  const retrying = useChange(retryRecording, recording.id);
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
