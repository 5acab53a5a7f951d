import { useLayoutEffect, useRef, useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, RefreshCw } from "lucide-react";
import { api, take } from "@core/api";
import { codedFrom } from "@core/errors";
import { inLocale } from "@core/i18n";
import { clientIds } from "@core/ids";
import { Button } from "../Button";
import { TextArea } from "../fields";
import { languageOf } from "../names";
import { useLocale } from "../settings";
import { ErrorState } from "../states";
import type { VoiceWords } from "../talk/files";
import { piecesOf } from "./pieces";
import { useVoiceWords } from "./words";

/** How often the transcription is asked after: soon at first; when it takes minutes, patiently. */
const AGAIN_MS = 3_000;
const OFTEN = 20;
const LATER_MS = 30_000;
const LONGEST = 4000;
/** Why there is no text, where the server's words are meant for whoever said it; other reasons are for the administrator. */
const PLAIN = new Set(["audio.silent", "audio.cut_off", "audio.note_too_long"]);
const RUNNING = new Set(["unsent", "queued", "running"]);

const getNote = (note_id: string) => take(api.GET("/api/voice-notes/{note_id}", { params: { path: { note_id } } }));
const correctNote = (note_id: string, body: { client_id: string; text: string }) =>
  take(api.POST("/api/voice-notes/{note_id}/correction", { params: { path: { note_id } }, body }));
const retryNote = (note_id: string, tries: number) => take(api.POST("/api/voice-notes/{note_id}/retry", { params: { path: { note_id } }, body: { tries } }));

interface NoteTextProps {
  note: string;
  /** What the thread says; without it the server is asked how far the transcription is. */
  words: VoiceWords | undefined;
  own: boolean;
}

/** The words of a voice note: who wrote them, which the machine doubts, and a way to put them right. */
export function NoteText({ note, words, own }: NoteTextProps) {
  const t = useVoiceWords();
  const locale = useLocale();
  const [correcting, setCorrecting] = useState(false);
  const asked = useQuery({
    queryKey: ["voice-note", note],
    queryFn: () => getNote(note),
    enabled: !words,
    staleTime: 60_000,
    refetchInterval: ({ state }) => (state.data && !RUNNING.has(state.data.state) ? false : state.dataUpdateCount + state.errorUpdateCount < OFTEN ? AGAIN_MS : LATER_MS),
  });
  const said = words ?? asked.data?.transcript ?? null;
  const state = asked.data;
  const failure = state?.failure ?? null;
  const ended = said !== null || (state !== undefined && !RUNNING.has(state.state));
  if (correcting) return <Correction note={note} text={said?.text ?? ""} onDone={() => setCorrecting(false)} />;
  return (
    <div className="x-voice-text" data-testid="x.voice.text" data-state={said ? "done" : (state?.state ?? "queued")}>
      {said ? <Said said={said} /> : <p className="meta">{failure === null ? t("vn.transcribing") : PLAIN.has(failure.code) ? inLocale(failure.message, locale) : t("vn.noText")}</p>}
      {!said && state?.again && <TryAgain note={note} tries={state.tries} />}
      {own && ended && (
        <Button size="small" variant="quiet" icon={Pencil} onClick={() => setCorrecting(true)} data-testid="x.voice.correct">
          {t(said ? "vn.correct" : "vn.write")}
        </Button>
      )}
    </div>
  );
}

/** Another try of the machine's, where the server says that it may help. */
function TryAgain({ note, tries }: { note: string; tries: number }) {
  const t = useVoiceWords();
  const queries = useQueryClient();
  const trying = useMutation({
    mutationFn: () => retryNote(note, tries),
    onSuccess: (now) => queries.setQueryData(["voice-note", note], now),
  });
  return (
    <>
      <Button size="small" variant="quiet" icon={RefreshCw} pending={trying.isPending} onClick={() => trying.mutate()} data-testid="x.voice.retry">
        {t("vn.transcribe")}
      </Button>
      {trying.isError && <ErrorState error={codedFrom(trying.error)} />}
    </>
  );
}

/** Two lines, and the rest when it is asked for. */
function Said({ said }: { said: { text: string; machine: boolean; low: readonly (readonly number[])[] } }) {
  const t = useVoiceWords();
  const [open, setOpen] = useState(false);
  const text = useRef<HTMLParagraphElement>(null);
  const [longer, setLonger] = useState(false);
  useLayoutEffect(() => {
    const shown = text.current;
    if (shown && !open) setLonger(shown.scrollHeight > shown.clientHeight + 1);
  }, [said.text, open]);
  return (
    <>
      <p ref={text} className="own-words" lang={languageOf(said.text)} data-open={open} data-testid="x.voice.words">
        {piecesOf(said.text, said.low).map(({ text, doubtful }, i) =>
          doubtful ? (
            <span key={i} className="x-doubt" data-testid="x.voice.doubt" title={t("vn.doubt")}>
              {text}
              <span className="sr-only">{t("vn.doubtful")}</span>
            </span>
          ) : (
            <span key={i}>{text}</span>
          ),
        )}
      </p>
      <p className="meta" data-testid="x.voice.label">
        {t(said.machine ? "vn.machine" : "vn.corrected")}
      </p>
      {(longer || open) && (
        <Button size="small" variant="quiet" aria-expanded={open} onClick={() => setOpen(!open)} data-testid="x.voice.open">
          {t(open ? "vn.less" : "vn.more")}
        </Button>
      )}
    </>
  );
}

function Correction({ note, text: before, onDone }: { note: string; text: string; onDone: () => void }) {
  const t = useVoiceWords();
  const [text, setText] = useState(before);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [idOf] = useState(clientIds);
  const changed = text.trim() !== "" && text.trim() !== before.trim();
  const save = async () => {
    setSaving(true);
    try {
      await correctNote(note, { client_id: idOf(text.trim()), text: text.trim() });
      onDone();
    } catch (failure) {
      setError(failure);
    } finally {
      setSaving(false);
    }
  };
  return (
    <div className="x-voice-correction stack">
      <TextArea ref={(area) => area?.focus()} rows={2} label={t("vn.correction")} hint={t("vn.correction.hint")} value={text} maxLength={LONGEST} onChange={(event) => setText(event.target.value)} data-testid="x.voice.correction" />
      {error !== null && <ErrorState error={codedFrom(error)} />}
      <div className="row">
        <Button size="small" variant="primary" disabled={!changed} pending={saving} onClick={() => void save()} data-testid="x.voice.save">
          {t("vn.save")}
        </Button>
        <Button size="small" onClick={onDone}>
          {t("vn.cancel")}
        </Button>
      </div>
    </div>
  );
}
