import { FileText, Image } from "lucide-react";
import { fileSize } from "@core/format";
import type { Attachment } from "../talk/files";
import type { MediaProps } from "../talk/slots";

export interface AttachmentListProps extends Omit<MediaProps, "attachments" | "voice" | "words"> {
  attachments: readonly Attachment[];
}

/** The pictures and documents of a message. */
export default function AttachmentList({ attachments }: AttachmentListProps) {
  return (
    <ul className="x-attachments" data-testid="x.msg.attachments">
      {attachments.map(({ id, kind, name, size }) => (
        <li key={id}>
          {kind === "pdf" ? <FileText size={20} aria-hidden /> : <Image size={20} aria-hidden />}
          {name} <span className="meta">{fileSize(size)}</span>
        </li>
      ))}
    </ul>
  );
}
