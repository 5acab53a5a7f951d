import { createContext, useContext, useState } from "react";
import { FileText, Image } from "lucide-react";
import { fileSize } from "@core/format";
import type { Schemas } from "@core/protocol";
import { Button } from "@ui/Button";
import type { SealedEvent } from "./api";
import { useT } from "./words";

type Attachment = Schemas["Attachment"];

/** The grant under which the case is read: files are opened under it. Empty where it does not reach to files. */
export const GrantOfCase = createContext("");

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
  const [shown, setShown] = useState(false);
  const url = `/api/compliance/grants/${grant}/attachments/${file.id}/file`;
  const named = { name: file.name, size: fileSize(file.size) };
  if (!grant) return <span className="secondary" data-testid="c.viewer.file.shut">{t("c.file.shut", named)}</span>;
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
