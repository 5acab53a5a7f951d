import { useRef, useState } from "react";
import { FileAudio, Upload } from "lucide-react";
import { fileSize } from "@core/format";
import { newClientId } from "@core/ids";
import { AUDIO_TYPES, fileProblem, SPOKEN_LANGUAGES, type FollowUp, type SpokenLanguage } from "@core/recordings";
import { Button } from "@ui/Button";
import { RadioGroup } from "@ui/fields";
import { ErrorState } from "@ui/states";
import { useT } from "../words";
import { useUpload } from "./useUpload";

const ACCEPT = [...AUDIO_TYPES.map((type) => `.${type}`), "audio/*"].join();

/** Which language is spoken in a call. */
export function SpokenIn({ language, onLanguage }: { language: SpokenLanguage; onLanguage: (language: SpokenLanguage) => void }) {
  const t = useT();
  return (
    <div className="d-inline">
      <RadioGroup<SpokenLanguage>
        label={t("d.upload.language")}
        value={language}
        options={SPOKEN_LANGUAGES.map((value) => ({ value, label: t(`d.language.${value}`) }))}
        onChange={onLanguage}
        testid="d.record.language"
      />
    </div>
  );
}

/** A file that was recorded elsewhere. Nothing can be chosen or sent before the patient agreed. */
export function UploadForm({ followUp, agreed, language }: { followUp: FollowUp; agreed: boolean; language: SpokenLanguage }) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const upload = useUpload(followUp.id);
  const problem = file ? fileProblem(file) : null;
  const busy = upload.sent !== null;
  const submit = async (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (!file || problem || !agreed || busy) return;
    if (await upload.start({ file, language, client_id: newClientId(), markers: [] })) {
      setFile(null);
      if (input.current) input.current.value = "";
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)} aria-label={t("d.upload.title")}>
      <div className="x-field d-file" data-invalid={problem ? true : undefined}>
        <input
          ref={input}
          id="d-record-file"
          type="file"
          className="sr-only"
          accept={ACCEPT}
          disabled={!agreed || busy}
          aria-describedby="d-record-file-hint"
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          data-testid="d.record.file"
        />
        <label htmlFor="d-record-file" className="x-button" aria-disabled={!agreed || busy}>
          <FileAudio size={20} aria-hidden />
          {t("d.upload.file")}
        </label>
        <p id="d-record-file-hint" className="x-field-hint">
          {t("d.upload.types")}
        </p>
        {file && <p data-testid="d.record.chosen">{t("d.upload.chosen", { name: file.name, size: fileSize(file.size) })}</p>}
        {problem && (
          <p className="x-field-error" role="alert">
            {t(`d.upload.problem.${problem}`)}
          </p>
        )}
      </div>
      {upload.error && <ErrorState error={upload.error} />}
      {upload.sent !== null && file ? (
        <Sending name={file.name} size={file.size} sent={upload.sent} onCancel={upload.cancel} />
      ) : (
        <div>
          <Button type="submit" icon={Upload} disabled={!agreed || !file || problem !== null} data-testid="d.record.upload">
            {t("d.upload.submit")}
          </Button>
        </div>
      )}
    </form>
  );
}

function Sending({ name, size, sent, onCancel }: { name: string; size: number; sent: number; onCancel: () => void }) {
  const t = useT();
  return (
    <div className="stack" data-testid="d.record.sending">
      <label className="d-progress">
        <span>{sent < 1 ? t("d.upload.sending", { name, sent: fileSize(sent * size), size: fileSize(size) }) : t("d.upload.sealing")}</span>
        <progress max={1} value={sent} />
      </label>
      <div>
        <Button onClick={onCancel} data-testid="d.record.cancel">
          {t("d.upload.cancel")}
        </Button>
      </div>
    </div>
  );
}
