import { useCallback, useEffect, useRef, useState } from "react";
import { Mic } from "lucide-react";
import { Button } from "../Button";
import { toast } from "../announce";
import { useLive } from "../live";
import { useSettings } from "../settings";
import type { ToolProps } from "../talk/slots";
import { asFile, dropClip, keepClip, keptClip, onTakenBack, type Clip } from "./clips";
import { pauseOthers } from "./onlyOne";
import { Recorder } from "./recorder";
import { usePress } from "./usePress";
import { VoiceRow } from "./VoiceRow";
import { useVoiceWords } from "./words";
import "./voice.css";

export { voiceWords as words } from "./words";

/** Speak instead of writing: a tap starts and stops; pressed for a while it records until it is let go. */
export default function VoiceButton({ thread, reader, testid, onVoice, onInstead }: ToolProps) {
  const t = useVoiceWords();
  const { mode } = useSettings();
  const owner = useLive().session.person.id;
  const [kept, setKept] = useKept(owner, thread);
  const shown = useRef(0);
  const place = useRef<HTMLSpanElement>(null);
  const latest = useRef({ onVoice, onInstead });
  useEffect(() => {
    latest.current = { onVoice, onInstead };
  });
  const keep = useCallback(
    // Storage may be full or forbidden: the recording goes on, it is only not safe until it is sent.
    (clip: Clip | null) => void (clip ? keepClip(owner, thread, clip) : dropClip(owner, thread)).catch(() => undefined),
    [owner, thread],
  );
  const close = useCallback(() => {
    latest.current.onInstead(null);
    requestAnimationFrame(() => place.current?.querySelector("button")?.focus());
  }, []);

  const review = (clip: Clip) => show({ clip });
  const remove = async (clip: Clip) => {
    setKept(null);
    await dropClip(owner, thread).catch(() => undefined);
    const back = () => [keep(clip), setKept(clip), review(clip)];
    toast(t("vn.deleted"), { action: { label: t("vn.undelete"), run: back } });
  };
  const send = async (clip: Clip) => {
    await latest.current.onVoice(await asFile(clip));
    setKept(null);
    await dropClip(owner, thread).catch(() => undefined);
  };
  const show = (what: { clip: Clip } | { recorder: Recorder }) => {
    const again = () => begin();
    const left = (clip: Clip | null) => setKept(clip);
    shown.current += 1;
    latest.current.onInstead(<VoiceRow key={shown.current} {...what} press={press} reader={reader} elder={mode === "elder"} testid={testid} onSend={send} onRemove={remove} onAgain={again} onClose={close} onLeft={left} />);
  };
  const begin = () => {
    pauseOthers();
    const recorder = new Recorder(keep);
    show({ recorder });
    void recorder.start();
    return recorder;
  };
  const press = usePress(begin, mode !== "elder" && !kept);
  const tap = () => {
    if (press.took()) return;
    if (kept) review(kept);
    else begin();
  };
  return (
    <span ref={place} className="x-voice-button">
      <Button icon={Mic} onClick={tap} onPointerDown={press.onPointerDown} onContextMenu={(event) => event.preventDefault()} data-kept={kept !== null} data-testid={`${testid}.voice`}>
        {t(kept ? "vn.kept" : reader === "staff" ? "vn.voice" : "vn.speak")}
      </Button>
    </span>
  );
}

/** The recording that was left here, if there is one. */
function useKept(owner: string, thread: string): [Clip | null, (clip: Clip | null) => void] {
  const [kept, setKept] = useState<Clip | null>(null);
  useEffect(() => {
    let current = true;
    // Storage may be forbidden: then nothing is kept, and nothing is lost by looking.
    const look = () => void keptClip(owner, thread).then((clip) => current && setKept(clip), () => undefined);
    look();
    const off = onTakenBack(owner, thread, look);
    return () => {
      current = false;
      off();
    };
  }, [owner, thread]);
  return [kept, setKept];
}
