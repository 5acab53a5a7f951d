import { Suspense, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { FileText } from "lucide-react";
import { fileSize } from "@core/format";
import { Button } from "../Button";
import type { Attachment } from "../talk/files";
import type { MediaProps } from "../talk/slots";
import { later } from "../later";
import { useLink, useNear } from "./useLink";
import { useAttachmentWords } from "./words";
import "./attachments.css";

export { attachmentWords as words } from "./words";

const Viewer = later(() => import("./Viewer"));

/** CSS px that a picture takes at most in the conversation; several stand side by side as equal tiles. */
const WIDEST = 240;
const HIGHEST = 320;
const THREE_IN_A_ROW = 5;

export interface AttachmentListProps extends Omit<MediaProps, "attachments" | "voice" | "words"> {
  attachments: readonly Attachment[];
}

/** The pictures and documents of a message. Their room is known before they come. */
export default function AttachmentList({ thread, attachments }: AttachmentListProps) {
  const t = useAttachmentWords();
  const [shown, setShown] = useState<Attachment | null>(null);
  const photos = attachments.filter((one) => one.kind === "image");
  const columns = columnsFor(photos.length);
  const alt = (one: Attachment) => (photos.length > 1 ? t("at.alt", { number: photos.indexOf(one) + 1, count: photos.length }) : t("at.alt.one"));
  return (
    <>
      <ul className="x-attachments" data-columns={columns} data-testid="x.msg.attachments">
        {attachments.map((one) => (
          <li key={one.id} data-kind={one.kind}>
            {one.kind === "pdf" ? <Paper thread={thread} paper={one} /> : <Photo thread={thread} photo={one} alone={columns === 1} alt={alt(one)} onOpen={() => setShown(one)} />}
          </li>
        ))}
      </ul>
      {shown &&
        createPortal(
          <Suspense fallback={null}>
            <Viewer thread={thread} photo={shown} alt={alt(shown)} onClose={() => setShown(null)} />
          </Suspense>,
          document.body,
        )}
    </>
  );
}

interface PhotoProps {
  thread: string;
  photo: Attachment;
  /** It has its own proportions then; one of several is a tile. */
  alone: boolean;
  alt: string;
  onOpen: () => void;
}

function Photo({ thread, photo, alone, alt, onOpen }: PhotoProps) {
  const t = useAttachmentWords();
  const box = useRef<HTMLButtonElement>(null);
  const { url, failed, renew } = useLink({ thread, id: photo.id }, "thumb", { wanted: useNear(box) });
  const [broken, setBroken] = useState<string | null>(null);
  const [width, height] = roomFor(photo);
  // The first address that fails may have ended: another one is asked for without a word.
  const onError = () => {
    if (broken === null) renew();
    setBroken(url);
  };
  return (
    <>
      <button ref={box} type="button" className="x-photo" style={alone ? { width, aspectRatio: `${width} / ${height}` } : undefined} aria-label={t("at.open", { alt })} onClick={onOpen} data-testid="x.photo">
        {url && url !== broken && <img src={url} alt={alt} width={width} height={height} onError={onError} data-testid="x.photo.image" />}
      </button>
      {(failed || (broken !== null && url === broken)) && <Unreadable onRetry={() => [setBroken(null), renew()]} />}
    </>
  );
}

function Paper({ thread, paper }: { thread: string; paper: Attachment }) {
  const t = useAttachmentWords();
  const card = useRef<HTMLAnchorElement>(null);
  const { url, failed, renew } = useLink({ thread, id: paper.id }, "full", { wanted: useNear(card), lasting: true });
  const facts = { pages: paper.pages ?? 1, size: fileSize(paper.size) };
  return (
    <>
      <a ref={card} className="x-paper" href={url ?? undefined} target="_blank" rel="noopener noreferrer" aria-label={t("at.pdf", { name: paper.name, ...facts })} data-testid="x.paper">
        <FileText size={28} aria-hidden />
        <span>
          <strong>{paper.name}</strong>
          <span className="meta">{t("at.pdf.facts", facts)}</span>
        </span>
        <span className="x-paper-open">{t("at.pdf.open")}</span>
      </a>
      {failed && <Unreadable onRetry={renew} />}
    </>
  );
}

function Unreadable({ onRetry }: { onRetry: () => void }) {
  const t = useAttachmentWords();
  return (
    <p className="x-unreadable">
      {t("at.unreadable")}{" "}
      <Button size="small" onClick={onRetry}>
        {t("at.retry")}
      </Button>
    </p>
  );
}

/** How many tiles stand in a row; 1 for a picture that has the message to itself. */
export function columnsFor(photos: number): 1 | 2 | 3 {
  if (photos < 2) return 1;
  return photos < THREE_IN_A_ROW ? 2 : 3;
}

/** The room of a picture that stands alone: whole, and never larger than it is. */
export function roomFor({ width, height }: Pick<Attachment, "width" | "height">): [number, number] {
  const [wide, high] = [width || WIDEST, height || WIDEST];
  const scale = Math.min(1, WIDEST / wide, HIGHEST / high);
  return [Math.max(44, Math.round(wide * scale)), Math.max(44, Math.round(high * scale))];
}
