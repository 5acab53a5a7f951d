import { createContext, useContext, useState } from "react";
import { AudioLines, FileText, Image } from "lucide-react";
import { fileSize, spokenLength } from "@core/format";
import type { Schemas } from "@core/protocol";
import { Button } from "@ui/Button";
import { useLocale } from "@ui/settings";
import type { Grant, SealedEvent } from "./api";
import { useCaseWork } from "./casework";
import { useT } from "./words";

type Attachment = Schemas["Attachment"];

/** The grant under which the case is read: files are opened under it. */
export const GrantOfCase = createContext<Grant | null>(null);

/** The photos and documents of a message. Each is opened by a click, because each opening is a reading in the ledger. */
export function CarriedFiles({ event }: { event: SealedEvent }) {
  const files = event.body?.["attachments"];
  if (!Array.isArray(files) || !files.length) return null;
  return (
    <ul className="c-files" data-testid="c.viewer.files">
      {(files as Attachment[]).map((file) => (
        <li key={file.id}>
          <File file={file} />
        </li>
      ))}
    </ul>
  );
}

function File({ file }: { file: Attachment }) {
  const t = useT();
  const grant = useContext(GrantOfCase);
  const covered = grant?.content.includes("attachments");
  const [shown, setShown] = useState(false);
  const url = `/api/compliance/grants/${grant?.id}/attachments/${file.id}/file`;
  const named = { name: file.name, size: fileSize(file.size) };
  if (!covered) return <span className="secondary" data-testid="c.viewer.file.shut">{t("c.file.shut", named)}</span>;
  if (file.kind === "pdf") {
    return (
      <a href={url} target="_blank" rel="noopener noreferrer" data-testid="c.viewer.paper">
        <FileText size={20} aria-hidden /> {t("c.file.paper", named)}
      </a>
    );
  }
  if (shown) return <img src={url} alt={t("c.file.photo", named)} width={file.width ?? undefined} height={file.height ?? undefined} data-testid="c.viewer.photo" />;
  return (
    <Button size="small" icon={Image} onClick={() => setShown(true)} data-testid="c.viewer.photo.open">
      {t("c.photo.open", named)}
    </Button>
  );
}

/** A voice note stands among the recordings, with its words: the way there, where the grant reaches to one of the two. */
export function CarriedVoice({ event }: { event: SealedEvent }) {
  const t = useT();
  const locale = useLocale();
  const content = useContext(GrantOfCase)?.content ?? [];
  const { go } = useCaseWork();
  const voice = event.body?.["voice"] as Schemas["Voice"] | undefined;
  if (!voice) return null;
  const length = spokenLength(voice.duration_s, locale);
  if (!content.includes("recordings") && !content.includes("transcripts")) return <span className="secondary">{t("c.voice.shut", { length })}</span>;
  return (
    <Button size="small" icon={AudioLines} onClick={() => go({ part: "transcripts", recording: voice.id })} data-testid="c.viewer.voice">
      {t("c.voice.open", { length })}
    </Button>
  );
}
