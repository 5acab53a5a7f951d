import { useState } from "react";
import { EarOff, EyeOff, Smile } from "lucide-react";
import type { Measured } from "@core/calls/quality";
import { announce, toast } from "../announce";
import { Button } from "../Button";
import { useConnection, useLive } from "../live";
import { errorText } from "../states";
import { useCallWords } from "./words";
import { toastError } from "../toastError";

const ANSWERS = [
  ["good", Smile],
  ["not_heard", EarOff],
  ["not_seen", EyeOff],
] as const;

type Heard = (typeof ANSWERS)[number][0];

const focused = (said: HTMLElement | null): void => said?.focus();

/** One question after a call, kept with what was measured. Without a network it waits in the outbox, and says so. */
export function HeardQuestion({ call, video, measured }: { call: string; video: boolean; measured: Measured }) {
  const t = useCallWords();
  const { outbox } = useLive();
  const online = useConnection() === "online";
  const [said, setSaid] = useState<Heard | null>(null);
  const id = `judged-${call}`;
  /** Also once the dialog is closed: nobody else looks at this lane. */
  const listen = () => {
    const off = outbox.onChange((change) => {
      if (change.item.client_id !== id || !["acked", "failed", "dropped"].includes(change.type)) return;
      off();
      if (change.type !== "failed") return;
      void outbox.drop(id);
      setSaid(null);
      toast(errorText(change.error), { tone: "danger" });
    });
    return off;
  };
  const answer = async (heard: Heard) => {
    setSaid(heard);
    const deaf = listen();
    try {
      await outbox.add({ type: "call.judge", call, client_id: id, heard, ...measured });
      announce(t(online ? "ca.heard.thanks" : "ca.heard.queued"));
    } catch (error) {
      deaf();
      setSaid(null);
      toastError(error);
    }
  };
  if (said) return <p tabIndex={-1} ref={focused} data-testid="k.heard.done">{t(online ? "ca.heard.thanks" : "ca.heard.queued")}</p>;
  return (
    <fieldset className="k-heard" data-testid="k.heard">
      <legend>{t(video ? "ca.heard.video" : "ca.heard.voice")}</legend>
      <div className="k-heard-acts">
        {ANSWERS.filter(([heard]) => video || heard !== "not_seen").map(([heard, icon]) => (
          <Button key={heard} icon={icon} onClick={() => void answer(heard)} data-testid={`k.heard.${heard}`}>
            {t(`ca.heard.${heard}`)}
          </Button>
        ))}
      </div>
    </fieldset>
  );
}
