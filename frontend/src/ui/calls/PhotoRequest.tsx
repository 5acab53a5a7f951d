import { useState } from "react";
import { Camera, ImagePlus } from "lucide-react";
import { useMutation } from "@tanstack/react-query";
import type { CallState } from "@core/calls/current";
import { codedFrom } from "@core/errors";
import { newClientId } from "@core/ids";
import { LIMITS } from "@core/protocol";
import { toast } from "../announce";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { TextField } from "../fields";
import { useLive } from "../live";
import { ErrorState } from "../states";
import { useCallWords } from "./words";

/** D-5: ask the patient for a photo while talking. */
export function AskForPhoto({ call }: { call: CallState }) {
  const t = useCallWords();
  const { socket } = useLive();
  const [client_id, setId] = useState<string | null>(null);
  const [what, setWhat] = useState("");
  const close = () => setId(null);
  const asking = useMutation({
    mutationFn: (id: string) => socket.request({ type: "call.ask_photo", call: call.call ?? "", client_id: id, what: what.trim() }),
    onSuccess: () => {
      toast(t("ca.photo.asked"));
      setWhat("");
      close();
    },
  });
  const act = (
    <Button variant="primary" icon={Camera} pending={asking.isPending} onClick={() => client_id && asking.mutate(client_id)} data-testid="k.photo.send">
      {t("ca.photo.ask")}
    </Button>
  );
  return (
    <>
      <Button icon={ImagePlus} aria-haspopup="dialog" onClick={() => [asking.reset(), setId(newClientId())]} data-testid="k.photo.ask">
        {t("ca.photo.ask")}
      </Button>
      {client_id && (
        <Dialog title={t("ca.photo.title")} onClose={close} actions={act} testid="k.photo.dialog">
          {asking.isError && <ErrorState error={codedFrom(asking.error)} />}
          <TextField label={t("ca.photo.what")} hint={t("ca.photo.hint")} value={what} maxLength={LIMITS.reason} onChange={(event) => setWhat(event.target.value)} data-testid="k.photo.what" />
        </Dialog>
      )}
    </>
  );
}
