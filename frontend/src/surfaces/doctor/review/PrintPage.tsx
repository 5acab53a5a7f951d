import { Printer } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { dateTime, parseTime, playTime, spokenLength } from "@core/format";
import { inLocale } from "@core/i18n";
import type { Recording } from "@core/recordings";
import { getTranscript, type Transcript } from "@core/transcripts";
import { Button } from "@ui/Button";
import { languageOf } from "@ui/names";
import { Link } from "@ui/router";
import { useLocale } from "@ui/settings";
import { useSpeakerName } from "@ui/staff/transcript/speakers";
import { Fetched } from "@ui/states";
import { useRecording } from "../followups/RecordingJob";
import { useIdentity } from "../people";
import { Workbench } from "../Workbench";
import { useReviewWords } from "./words";
import "./print.css";

/** The version that counts, as a dialogue on paper: whose, when, who checked it, and every sentence with its time. */
export function PrintPage({ id }: { id: string }) {
  const r = useReviewWords();
  return (
    <Workbench title={r("rv.print")}>
      <div className="d-page">
        <Fetched query={useRecording(id)} rows={5}>
          {(recording) => <Found recording={recording} />}
        </Fetched>
      </div>
    </Workbench>
  );
}

function Found({ recording }: { recording: Recording }) {
  const r = useReviewWords();
  const { id, official } = recording;
  const transcript = useQuery({ queryKey: ["transcript", id, official], queryFn: () => getTranscript(id, official ?? 0), enabled: official !== null, staleTime: Infinity });
  return (
    <>
      <div className="row d-print-acts">
        <Button variant="primary" icon={Printer} disabled={!transcript.isSuccess} onClick={() => window.print()}>
          {r("rv.print.do")}
        </Button>
        <Link href={`/recordings/${id}`}>{r("rv.print.back")}</Link>
      </div>
      {official === null ? <p>{r("rv.print.none")}</p> : <Fetched query={transcript}>{(found) => <Sheet recording={recording} transcript={found} />}</Fetched>}
    </>
  );
}

function Sheet({ recording, transcript }: { recording: Recording; transcript: Transcript }) {
  const r = useReviewWords();
  const locale = useLocale();
  const identity = useIdentity();
  const nameOf = useSpeakerName();
  const length = recording.duration_s === null ? "" : ` · ${spokenLength(recording.duration_s, locale)}`;
  return (
    <article className="d-print" data-testid="d.print.sheet">
      <h2>{r("rv.print.title")}</h2>
      <p>
        {identity(recording.patient)} · {dateTime(parseTime(recording.at), locale)} · {recording.uploaded_by.name}
        {length}
      </p>
      <p>
        <strong>{r("rv.print.version", { version: transcript.version })}</strong> {inLocale(transcript.label, locale)}
      </p>
      <dl className="d-dialogue">
        {transcript.segments.map((line) => (
          <div key={line.id}>
            <dt>
              <span className="tabular">{playTime(line.start)}</span> {nameOf(line.speaker, line.speaker_name)}
            </dt>
            <dd lang={languageOf(line.text)}>{line.text}</dd>
          </div>
        ))}
      </dl>
      <p className="secondary">{r("rv.print.ref", { id: recording.id, model: transcript.model })}</p>
    </article>
  );
}
