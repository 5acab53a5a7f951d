import { useEffect, useRef } from "react";
import { FileText, X } from "lucide-react";
import { announce } from "../announce";
import type { ChosenFile } from "../talk/files";
import { BlobImage } from "./BlobImage";
import { useAttachmentWords } from "./words";
import "./attachments.css";

export { attachmentWords as words } from "./words";

export interface ChosenProps {
  files: readonly ChosenFile[];
  onFiles: (files: readonly ChosenFile[]) => void;
  testid: string;
}

/** What goes with the next message, each with a way to take it out. The words in the box become its caption. */
export default function Chosen({ files, onFiles, testid }: ChosenProps) {
  const t = useAttachmentWords();
  const count = files.length;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => announce(t("at.ready", { count })), [t, count]);
  // What was chosen last may stand beyond the edge of a phone.
  useEffect(() => {
    if (list.current) list.current.scrollLeft = list.current.scrollWidth;
  }, [count]);
  return (
    <ul ref={list} className="x-chosen" aria-label={t("at.chosen")} data-testid={`${testid}.chosen`}>
      {files.map((file, index) => (
        <li key={`${file.name}${file.blob.size}${index}`}>
          <Preview file={file} />
          <button
            type="button"
            className="x-chosen-remove"
            aria-label={t("at.removeNamed", { name: file.name })}
            title={t("at.remove")}
            onClick={() => onFiles(files.filter((_, other) => other !== index))}
            data-testid={`${testid}.chosen.remove`}
          >
            <X size={20} aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Preview({ file }: { file: ChosenFile }) {
  const t = useAttachmentWords();
  if (file.blob.type === "application/pdf") {
    return (
      <span className="x-chosen-paper">
        <FileText size={24} aria-hidden />
        <span>{file.name}</span>
      </span>
    );
  }
  return <BlobImage blob={file.blob} alt={t("at.alt.one")} />;
}
