import { useEffect, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { audioUrl, getPeaks, isRunning, type Peaks, type Recording } from "@core/recordings";
import { getTranscript, type Transcript } from "@core/transcripts";
import { useSearch } from "@ui/router";
import { TranscriptView } from "@ui/staff/transcript/TranscriptView";
import { Fetched } from "@ui/states";
import { JobState, useRecording } from "../followups/RecordingJob";
import { useIdentity } from "../people";
import { useT } from "../words";
import { Workbench } from "../Workbench";
import { About, Versions } from "./About";
import { Desk } from "./Desk";
import "./review.css";

/** D-7: hear a call, read it, put it right, sign it off. */
export function ReviewPage({ id }: { id: string }) {
  const t = useT();
  const identity = useIdentity();
  const recording = useRecording(id);
  const who = recording.data ? identity(recording.data.patient) : "";
  return (
    <Workbench title={who ? t("d.transcript.title", { who }) : t("d.nav.followups")} fill>
      <div className="d-page d-fill d-review">
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
  const version = chosen !== null && versions.includes(chosen) ? chosen : newest;
  const shown = useTranscript(recording.id, version);
  const first = useTranscript(recording.id, compare ? 1 : 0);
  const peaks = useQuery({ queryKey: ["peaks", recording.id, isRunning(recording.state)], queryFn: () => getPeaks(recording.id), staleTime: Infinity });
  useFreshWhenDone(recording);
  const views = {
    recording,
    peaks: peaks.data,
    startAt: Number(new URLSearchParams(useSearch()).get("at") ?? 0) || 0,
    machine: compare ? (first.data ?? null) : null,
    picking: <Versions recording={recording} version={version} compare={compare} onVersion={(next) => setChosen(next === newest ? null : next)} onCompare={setCompare} />,
  };
  return (
    <>
      <JobState recording={recording} />
      <About recording={recording} version={version} transcript={shown.data ?? null} />
      {newest === 0 && <Plain {...views} transcript={null} />}
      {newest > 0 && (
        <Fetched query={shown} rows={5}>
          {(transcript) => (version === newest ? <Desk key={recording.id} {...views} newest={transcript} /> : <Plain {...views} transcript={transcript} />)}
        </Fetched>
      )}
    </>
  );
}

export interface Shown {
  recording: Recording;
  peaks: Peaks | undefined;
  /** The machine's version, to compare with. */
  machine: Transcript | null;
  startAt: number;
  /** Which version is shown. */
  picking: React.ReactNode;
}

/** An older version, or the sound alone: to hear and read. */
function Plain({ recording, peaks, machine, picking, startAt, transcript }: Shown & { transcript: Transcript | null }) {
  const t = useT();
  return (
    <>
      {picking}
      <TranscriptView
        label={t("d.transcript.label", { name: recording.name })}
        audio={audioUrl(recording.id)}
        duration={recording.duration_s}
        transcript={transcript}
        compareWith={machine}
        peaks={peaks}
        markers={recording.markers}
        startAt={startAt}
      />
    </>
  );
}

function useTranscript(id: string, version: number) {
  return useQuery({ queryKey: ["transcript", id, version], queryFn: () => getTranscript(id, version), enabled: version > 0, staleTime: Infinity });
}

/** The list of calls shows the same state: it is asked for again when the work has ended. */
function useFreshWhenDone(recording: Recording): void {
  const queries = useQueryClient();
  const running = isRunning(recording.state);
  useEffect(() => {
    if (!running) void queries.invalidateQueries({ queryKey: ["followups"] });
  }, [running, queries]);
}
