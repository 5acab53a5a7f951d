import { useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { dateTime, parseTime, playTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { audioUrl, getRecording, isRunning, type Recording } from "@core/recordings";
import { getTranscript, type Segment, type Transcript } from "@core/transcripts";
import { fullName, languageOf } from "@ui/names";
import { PatientShell } from "@ui/PatientShell";
import { useLocale } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { useT } from "./pages/words";

/** A follow-up call: hear it and read it; a sentence is also the way to its second. */
export function RecordingPage({ id, back }: { id: string; back: string }) {
  const t = useT();
  const recording = useQuery({ queryKey: ["recording", id], queryFn: () => getRecording(id), refetchInterval: (query) => (query.state.data && isRunning(query.state.data.state) ? 3_000 : false) });
  return (
    <PatientShell title={t("p.recording.title")} back={back}>
      <Fetched query={recording}>{(one) => <Player recording={one} />}</Fetched>
    </PatientShell>
  );
}

function Player({ recording }: { recording: Recording }) {
  const t = useT();
  const locale = useLocale();
  const audio = useRef<HTMLAudioElement>(null);
  const [at, setAt] = useState(0);
  const { id, uploaded_by, official } = recording;
  const version = official ?? 0;
  const hear = (second: number) => {
    if (!audio.current) return;
    audio.current.currentTime = second;
    void audio.current.play();
  };
  return (
    <>
      <p className="secondary">
        {fullName(uploaded_by, locale)} · <time dateTime={recording.at}>{dateTime(parseTime(recording.at), locale)}</time>
      </p>
      {recording.failure && <p className="x-stale">{inLocale(recording.failure.message, locale)}</p>}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption -- the transcript below is the text alternative and is linked to the sound */}
      <audio ref={audio} className="p-audio" controls preload="metadata" src={audioUrl(id)} aria-label={t("p.recording.audio")} onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)} data-testid="p.recording.audio" />
      {version > 0 ? <Sentences id={id} version={version} at={at} onHear={hear} /> : <EmptyState title={isRunning(recording.state) ? t("p.record.transcribing") : t("p.recording.noText")} />}
    </>
  );
}

function Sentences({ id, version, at, onHear }: { id: string; version: number; at: number; onHear: (second: number) => void }) {
  const t = useT();
  const locale = useLocale();
  const transcript = useQuery({ queryKey: ["transcript", id, version], queryFn: () => getTranscript(id, version), staleTime: Infinity });
  return (
    <Fetched query={transcript} isEmpty={(one) => one.segments.length === 0} empty={<EmptyState title={t("p.recording.noText")} />}>
      {(one: Transcript) => (
        <>
          <p className="x-stale" data-testid="p.recording.label">
            {inLocale(one.label, locale)}
          </p>
          <ol className="p-sentences" data-testid="p.recording.sentences">
            {one.segments.map((segment) => (
              <Sentence key={segment.id} segment={segment} playing={at >= segment.start && at < segment.end} onHear={onHear} />
            ))}
          </ol>
        </>
      )}
    </Fetched>
  );
}

function Sentence({ segment, playing, onHear }: { segment: Segment; playing: boolean; onHear: (second: number) => void }) {
  const t = useT();
  const { start, speaker, speaker_name, text } = segment;
  const channel = /^channel-(\d+)$/.exec(speaker)?.[1];
  const who = speaker_name ?? (channel ? t("p.recording.speaker", { number: channel }) : "");
  return (
    <li>
      <button type="button" aria-current={playing ? "true" : undefined} onClick={() => onHear(start)}>
        <span className="meta">
          {playTime(start)} {who}
        </span>
        <span lang={languageOf(text)}>{text}</span>
      </button>
    </li>
  );
}
