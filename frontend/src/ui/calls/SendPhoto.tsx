import { useRef, useState } from "react";
import { Camera } from "lucide-react";
import { newClientId } from "@core/ids";
import { toast } from "../announce";
import { BlurDialog } from "../attachments/BlurDialog";
import { useChoosing } from "../attachments/useChoosing";
import { attachmentWords } from "../attachments/words";
import { Button } from "../Button";
import { useLive } from "../live";
import type { ChosenFile } from "../talk/files";
import { useCallWords } from "./words";
import { toastError } from "../toastError";

export { attachmentWords as words };

/** The doctor asks for a photo while they talk: one large button, and the photo goes into the conversation like any other. */
export default function SendPhoto({ consultation, seq, what }: { consultation: string; seq: number; what: string }) {
  const t = useCallWords();
  const { outbox } = useLive();
  const input = useRef<HTMLInputElement>(null);
  const [sent, setSent] = useState<number | null>(null);
  const send = async (files: readonly ChosenFile[]) => {
    if (files.length === 0) return;
    setSent(seq);
    try {
      await outbox.add({ type: "message.send", consultation, client_id: newClientId(), text: "" }, { files });
      toast(t("ca.photo.sent"));
    } catch (error) {
      setSent(null);
      toastError(error);
    }
  };
  const choosing = useChoosing([], (files) => void send(files));
  const open = () => input.current?.click();
  if (sent === seq) return null;
  return (
    <div className="k-banner k-photo" role="status" data-testid="k.photo">
      <p>{what ? t("ca.photo.wanted", { what }) : t("ca.photo.wantedAny")}</p>
      <input
        ref={input}
        type="file"
        hidden
        accept="image/jpeg,image/png,image/webp"
        capture="environment"
        data-testid="k.photo.input"
        onChange={(event) => {
          choosing.choose([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
      <Button variant="primary" size="main" icon={Camera} pending={choosing.busy} onClick={open} data-testid="k.photo.take">
        {t("ca.photo.take")}
      </Button>
      {choosing.doubtful && <BlurDialog blob={choosing.doubtful.file.blob} onRetake={() => [choosing.settle(false), open()]} onKeep={() => choosing.settle(true)} onClose={() => choosing.settle(false)} />}
    </div>
  );
}
