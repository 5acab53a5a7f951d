import { useEffect, useRef, useState, type RefObject } from "react";
import { createPortal } from "react-dom";
import { Camera, FileText, Image, Images, Paperclip, Plus } from "lucide-react";
import { Button, IconButton } from "../Button";
import { Dialog } from "../Dialog";
import type { ToolProps } from "../talk/slots";
import { BlurDialog } from "./BlurDialog";
import { useChoosing, type Choosing } from "./useChoosing";
import { useAttachmentWords } from "./words";
import "./attachments.css";

export { attachmentWords as words } from "./words";

const PHOTOS = "image/jpeg,image/png,image/webp";
const EVERYTHING = `${PHOTOS},application/pdf`;

type Source = "camera" | "album" | "file";
const SOURCES: Record<Source, { accept: string; capture?: "environment" }> = {
  camera: { accept: PHOTOS, capture: "environment" },
  album: { accept: PHOTOS },
  file: { accept: EVERYTHING },
};

/** The ways to put photos and documents into a message: buttons, pasting, dropping. */
export default function AttachTools({ reader, testid, files, onFiles }: ToolProps) {
  const t = useAttachmentWords();
  const place = useRef<HTMLSpanElement>(null);
  const inputs = useRef<Partial<Record<Source, HTMLInputElement | null>>>({});
  const last = useRef<Source>("album");
  const [sheet, setSheet] = useState(false);
  const choosing = useChoosing(files, onFiles);
  const dropping = useDropping(place, choosing);
  const open = (source: Source) => {
    setSheet(false);
    last.current = source;
    inputs.current[source]?.click();
  };
  const retake = () => {
    choosing.settle(false);
    open(last.current);
  };
  return (
    <span ref={place} className="x-attach">
      {(Object.keys(SOURCES) as Source[]).map((source) => (
        <input
          key={source}
          ref={(input) => void (inputs.current[source] = input)}
          type="file"
          hidden
          multiple={source !== "camera"}
          {...SOURCES[source]}
          data-testid={`${testid}.input.${source}`}
          onChange={(event) => {
            choosing.choose([...(event.target.files ?? [])]);
            event.target.value = ""; // the same file may be chosen again
          }}
        />
      ))}
      {reader === "staff" ? (
        <IconButton icon={Paperclip} label={t(choosing.busy ? "at.preparing" : "at.add")} aria-disabled={choosing.busy} onClick={() => open("file")} data-testid={`${testid}.attach`} />
      ) : (
        <>
          <Button icon={Image} pending={choosing.busy} onClick={() => open("album")} data-testid={`${testid}.photo`}>
            {t("at.photo")}
          </Button>
          <Button icon={Plus} className="x-attach-more" aria-haspopup="dialog" onClick={() => setSheet(true)} data-testid={`${testid}.more`}>
            {t("at.more")}
          </Button>
        </>
      )}
      {dropping && <span className="x-attach-drop">{t("at.drop")}</span>}
      {/* Outside the composer: its row has looks of its own for buttons. */}
      {createPortal(
        <>
          {sheet && <SourceSheet onChoose={open} onClose={() => setSheet(false)} testid={testid} />}
          {choosing.doubtful && <BlurDialog blob={choosing.doubtful.file.blob} onRetake={retake} onKeep={() => choosing.settle(true)} onClose={() => choosing.settle(false)} />}
        </>,
        document.body,
      )}
    </span>
  );
}

const CHOICES = [
  ["camera", Camera, "at.camera"],
  ["album", Images, "at.album"],
  ["file", FileText, "at.file"],
] as const;

function SourceSheet({ onChoose, onClose, testid }: { onChoose: (source: Source) => void; onClose: () => void; testid: string }) {
  const t = useAttachmentWords();
  return (
    <Dialog title={t("at.add.title")} shape="sheet" onClose={onClose} testid={`${testid}.sources`}>
      <div className="x-attach-sources">
        {CHOICES.map(([source, icon, words]) => (
          <Button key={source} size="main" icon={icon} onClick={() => onChoose(source)} data-testid={`${testid}.source.${source}`}>
            {t(words)}
          </Button>
        ))}
      </div>
    </Dialog>
  );
}

/** Files pasted into the composer or dropped on the conversation. True while some are held over it. */
function useDropping(place: RefObject<HTMLElement | null>, { choose }: Choosing): boolean {
  const [over, setOver] = useState(false);
  const take = useRef(choose);
  useEffect(() => {
    take.current = choose;
  });
  useEffect(() => {
    const form = place.current?.closest("form");
    const zone = form?.closest("section") ?? form;
    if (!form || !zone) return;
    const given = (transfer: DataTransfer | null) => [...(transfer?.files ?? [])];
    const onPaste = (event: ClipboardEvent) => {
      const files = given(event.clipboardData);
      // A copied table brings a picture of itself: its words are what is meant.
      if (!files.length || event.clipboardData?.types.includes("text/plain")) return;
      event.preventDefault();
      take.current(files);
    };
    const onDrag = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(event.type === "dragover");
      if (event.type === "drop") take.current(given(event.dataTransfer));
    };
    const onLeave = (event: DragEvent) => {
      if (!zone.contains(event.relatedTarget as Node | null)) setOver(false);
    };
    const ended = new AbortController();
    const { signal } = ended;
    form.addEventListener("paste", onPaste, { signal });
    zone.addEventListener("dragover", onDrag, { signal });
    zone.addEventListener("drop", onDrag, { signal });
    zone.addEventListener("dragleave", onLeave, { signal });
    return () => ended.abort();
  }, [place]);
  return over;
}
