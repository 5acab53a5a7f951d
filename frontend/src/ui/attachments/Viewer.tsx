import { useId, useRef, useState } from "react";
import { Maximize, RotateCw, X, ZoomIn, ZoomOut } from "lucide-react";
import { Button } from "../Button";
import { useModal } from "../Dialog";
import type { Attachment } from "../talk/files";
import { useUi } from "../words";
import { useLink } from "./useLink";
import { useAttachmentWords } from "./words";

const LEAST = 1;
const MOST = 8;
const STEP = 1.5;

interface ViewerProps {
  thread: string;
  photo: Attachment;
  alt: string;
  onClose: () => void;
}

/** A photo over the whole screen: larger, smaller, turned; by buttons and keys, not by gestures alone. Escape closes it. */
export default function Viewer({ thread, photo, alt, onClose }: ViewerProps) {
  const t = useAttachmentWords();
  const ui = useUi();
  const id = useId();
  const modal = useModal(onClose);
  const { url, renew } = useLink({ thread, id: photo.id }, "full");
  const renewed = useRef(false);
  const [zoom, setZoom] = useState(1);
  const [turns, setTurns] = useState(0);
  const scale = (factor: number) => setZoom((now) => Math.min(MOST, Math.max(LEAST, now * factor)));
  const fit = () => [setZoom(1), setTurns(0)];
  const keys: Record<string, () => void> = { "+": () => scale(STEP), "=": () => scale(STEP), "-": () => scale(1 / STEP), r: () => setTurns(turns + 1), "0": fit };
  const onError = () => {
    if (!renewed.current) renew();
    renewed.current = true;
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys for what the buttons do
    <dialog
      {...modal}
      className="x-viewer"
      aria-labelledby={id}
      onKeyDown={(event) => {
        event.stopPropagation(); // the log behind it has keys of its own
        if (!event.ctrlKey && !event.metaKey && !event.altKey) keys[event.key]?.();
      }}
      data-testid="x.viewer"
    >
      <h2 id={id} className="sr-only">
        {t("at.viewer")}
      </h2>
      <div className="x-viewer-bar">
        <Button icon={ZoomIn} onClick={() => scale(STEP)} aria-disabled={zoom >= MOST} aria-keyshortcuts="+" data-testid="x.viewer.in">
          {t("at.zoomIn")}
        </Button>
        <Button icon={ZoomOut} onClick={() => scale(1 / STEP)} aria-disabled={zoom <= LEAST} aria-keyshortcuts="-" data-testid="x.viewer.out">
          {t("at.zoomOut")}
        </Button>
        <Button icon={RotateCw} onClick={() => setTurns(turns + 1)} aria-keyshortcuts="r" data-testid="x.viewer.rotate">
          {t("at.rotate")}
        </Button>
        <Button icon={Maximize} onClick={fit} aria-keyshortcuts="0">
          {t("at.fit")}
        </Button>
        <Button icon={X} onClick={onClose} data-testid="x.viewer.close">
          {ui("ui.close")}
        </Button>
      </div>
      <Canvas url={url} alt={alt} photo={photo} zoom={zoom} turns={turns} onError={onError} />
    </dialog>
  );
}

interface CanvasProps {
  url: string | null;
  alt: string;
  photo: Attachment;
  zoom: number;
  turns: number;
  onError: () => void;
}

/** The picture in a box that scrolls. A turned picture takes the room of a turned picture. */
function Canvas({ url, alt, photo, zoom, turns, onError }: CanvasProps) {
  const t = useAttachmentWords();
  const lying = turns % 2 === 1;
  const [wide, high] = [photo.width ?? 1, photo.height ?? 1];
  const across = lying ? high : wide;
  const down = lying ? wide : high;
  // As large as fits at zoom 1, in units of the screen: what CSS knows without measuring.
  const room = `min(100vw, (100dvh - 4.5rem) * ${across} / ${down}) * ${zoom}`;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard needs it
    <div className="x-viewer-room" tabIndex={0} role="group" aria-label={t("at.viewer")}>
      <div className="x-viewer-box" style={{ width: `calc(${room})`, aspectRatio: `${across} / ${down}` }}>
        {url && (
          <img
            src={url}
            alt={alt}
            onError={onError}
            style={{ width: lying ? `${(wide / high) * 100}%` : "100%", transform: `translate(-50%, -50%) rotate(${turns * 90}deg)` }}
            data-testid="x.viewer.image"
          />
        )}
      </div>
    </div>
  );
}
