import { useEffect, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { AudioLines } from "lucide-react";
import { dateTime, parseTime, spokenLength } from "@core/format";
import { inLocale } from "@core/i18n";
import { Select } from "@ui/fields";
import { languageOf } from "@ui/names";
import { useLocale } from "@ui/settings";
import { TranscriptView } from "@ui/staff/transcript/TranscriptView";
import { EmptyState, Fetched } from "@ui/states";
import { audioOf, listRecordings, openTranscript, type Grant, type GrantRecording } from "./api";
import { useT } from "./words";

/** C-6: the recordings of the case, each with every version of its transcript. `first`: the one in which words were found. */
export function Recordings({ grant, first }: { grant: Grant; first: string | null }) {
  const t = useT();
  const [chosen, setChosen] = useState(first);
  const query = useQuery({ queryKey: ["content", grant.id, "recordings"], queryFn: () => listRecordings(grant.id), staleTime: "static", gcTime: 0, retry: false });
  return (
    <Fetched query={query} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={AudioLines} title={t("c.recordings.none")} />}>
      {(all) => {
        const open = all.find((one) => one.id === chosen);
        return (
          <div className="stack">
            <ul className="c-recordings">
              {all.map((one, i) => (
                <li key={one.id}>
                  <RecordingButton recording={one} number={i + 1} pressed={one.id === chosen} onOpen={() => setChosen(one.id)} />
                </li>
              ))}
            </ul>
            {open && <OpenRecording key={open.id} grant={grant} recording={open} sought={open.id === first} />}
          </div>
        );
      }}
    </Fetched>
  );
}

/** Opening one writes that it was played or read, so nothing is opened by itself. */
function RecordingButton({ recording, number, pressed, onOpen }: { recording: GrantRecording; number: number; pressed: boolean; onOpen: () => void }) {
  const t = useT();
  const locale = useLocale();
  const length = recording.duration_s === null ? "" : ` · ${spokenLength(recording.duration_s, locale)}`;
  return (
    <button type="button" className="c-recording" aria-pressed={pressed} onClick={onOpen} data-testid="c.viewer.recording">
      <AudioLines size={20} aria-hidden />
      <span>{t("c.recordings.one", { number, time: dateTime(parseTime(recording.at), locale) })}</span>
      <span className="secondary">{recording.uploaded_by.name + length}</span>
    </button>
  );
}

/** `sought`: somebody was led here from elsewhere in the case, so the page goes there too. */
function OpenRecording({ grant, recording, sought }: { grant: Grant; recording: GrantRecording; sought: boolean }) {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    if (sought) ref.current?.focus();
  }, [sought]);
  const t = useT();
  const locale = useLocale();
  const label = t("c.recordings.label", { time: dateTime(parseTime(recording.at), locale) });
  const versions = grant.content.includes("transcripts") ? recording.transcripts : [];
  const newest = Math.max(0, ...versions.map((one) => one.version));
  const [version, setVersion] = useState(newest);
  const [other, setOther] = useState(0);
  const transcript = useTranscript(grant.id, recording.id, version);
  const compared = useTranscript(grant.id, recording.id, other);
  const name = (one: (typeof versions)[number]) => {
    const made = t("c.recordings.version", { version: one.version, author: one.author?.name ?? t("c.recordings.machine"), time: dateTime(parseTime(one.at), locale) });
    return one.signed ? `${made} · ${t("c.recordings.signed", { name: one.signed.person.name, time: dateTime(parseTime(one.signed.at), locale) })}` : made;
  };
  const options = versions.map((one) => ({ value: String(one.version), label: name(one) }));
  return (
    <section ref={ref} tabIndex={-1} className="card stack" aria-label={label} data-testid="c.viewer.player">
      {versions.length > 0 && (
        <div className="c-versions">
          <Select label={t("c.recordings.shown")} value={String(version)} options={options} onChange={(next) => setVersion(Number(next))} data-testid="c.viewer.version" />
          {versions.length > 1 && (
            <Select
              label={t("c.recordings.compare")}
              value={String(other)}
              options={[{ value: "0", label: t("c.none") }, ...options.filter((one) => one.value !== String(version))]}
              onChange={(next) => setOther(Number(next))}
              data-testid="c.viewer.compare"
            />
          )}
        </div>
      )}
      {versions.length > 0 && recording.official !== null && <p data-testid="c.viewer.official">{t("c.recordings.official", { version: recording.official })}</p>}
      {transcript.data && <p className="secondary">{inLocale(transcript.data.label, locale)}</p>}
      {version > 0 && !transcript.data && <Fetched query={transcript}>{() => null}</Fetched>}
      {grant.content.includes("recordings") ? (
        <TranscriptView label={label} audio={audioOf(grant.id, recording.id)} duration={recording.duration_s} transcript={transcript.data ?? null} compareWith={compared.data ?? null} markers={recording.markers} />
      ) : (
        <ol className="c-sentences">
          {transcript.data?.segments.map((segment) => (
            <li key={segment.id} className="own-words" lang={languageOf(segment.text)}>
              {segment.text}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** Version 0: none. */
function useTranscript(grant: string, recording: string, version: number) {
  return useQuery({
    queryKey: ["content", grant, "transcript", recording, version],
    queryFn: () => openTranscript(grant, recording, version),
    enabled: version > 0,
    staleTime: "static",
    gcTime: 0,
    retry: false,
  });
}
