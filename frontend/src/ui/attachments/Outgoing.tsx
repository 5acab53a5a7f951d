import { FileText, X } from "lucide-react";
import type { OutboxFile } from "@core/db";
import { Button } from "../Button";
import { BlobImage } from "./BlobImage";
import { useAttachmentWords } from "./words";
import "./attachments.css";

export { attachmentWords as words } from "./words";

export interface OutgoingProps {
  files: readonly OutboxFile[];
  /** 0..1 of the bytes of all files; undefined while nothing moves. */
  part?: number | undefined;
  /** Takes the message back; undefined once it is too late. */
  onCancel?: (() => void) | undefined;
}

/** Photos and documents on their way, each with how far it is. */
export default function Outgoing({ files, part, onCancel }: OutgoingProps) {
  const t = useAttachmentWords();
  const parts = partsOf(files, part ?? 0);
  return (
    <div className="x-outgoing" data-testid="x.msg.outgoing">
      <ul className="x-attachments">
        {files.map((file, index) => (
          <li key={index} className="x-outgoing-file">
            {file.blob.type === "application/pdf" ? (
              <span className="x-chosen-paper">
                <FileText size={24} aria-hidden />
                <span>{file.name}</span>
              </span>
            ) : (
              <BlobImage blob={file.blob} alt={t("at.alt.one")} />
            )}
            {part !== undefined && <progress value={parts[index]} aria-label={t("at.uploading", { name: file.name })} />}
          </li>
        ))}
      </ul>
      {onCancel && (
        <Button size="small" icon={X} onClick={onCancel} data-testid="x.msg.cancel">
          {t("at.cancel")}
        </Button>
      )}
    </div>
  );
}

/** How much of each file is up, when `part` of all their bytes is: they go one after the other. */
export function partsOf(files: readonly OutboxFile[], part: number): number[] {
  let done = part * files.reduce((sum, file) => sum + file.blob.size, 0);
  return files.map(({ blob }) => {
    const here = Math.min(blob.size, Math.max(0, done));
    done -= blob.size;
    return blob.size ? here / blob.size : 1;
  });
}
