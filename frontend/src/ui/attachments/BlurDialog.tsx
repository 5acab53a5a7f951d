import { Camera } from "lucide-react";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { BlobImage } from "./BlobImage";
import { useAttachmentWords } from "./words";

interface BlurDialogProps {
  blob: Blob;
  onRetake: () => void;
  onKeep: () => void;
  /** Neither: the photo is not added. */
  onClose: () => void;
}

/** Asks before a photo goes out that nobody will be able to read. It may go all the same. */
export function BlurDialog({ blob, onRetake, onKeep, onClose }: BlurDialogProps) {
  const t = useAttachmentWords();
  const actions = (
    <>
      <Button onClick={onKeep} data-testid="x.blur.keep">
        {t("at.blur.keep")}
      </Button>
      <Button variant="primary" icon={Camera} onClick={onRetake} data-testid="x.blur.retake">
        {t("at.blur.retake")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("at.blur.title")} onClose={onClose} actions={actions} testid="x.blur">
      <p>{t("at.blur.why")}</p>
      <BlobImage className="x-blur-picture" blob={blob} alt={t("at.alt.one")} />
    </Dialog>
  );
}
