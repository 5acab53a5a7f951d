import { useEffect, useRef, useState } from "react";
import { Trash2, Upload } from "lucide-react";
import type { RecordedCall } from "@core/callRecorder";
import { spokenLength } from "@core/format";
import type { SpokenLanguage } from "@core/recordings";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { useUpload } from "./useUpload";
import { useCallWords } from "./words";

interface UnsentProps {
  followUp: string;
  call: RecordedCall;
  /** Nothing is sent before the patient agreed on this page. */
  agreed: boolean;
  language: SpokenLanguage;
  at_once?: boolean;
  onSent: () => void;
}

/** A recording on its way, or waiting for it: it stays on this device until the server has all of it. */
export function Unsent({ followUp, call, agreed, language, at_once = false, onSent }: UnsentProps) {
  const w = useCallWords();
  const locale = useLocale();
  const upload = useUpload(followUp);
  const begun = useRef(false);
  const [asked, setAsked] = useState(false);
  const send = async () => {
    if (await upload.start({ file: call.file, language, client_id: call.id, markers: call.markers })) onSent();
  };
  useEffect(() => {
    if (!at_once || begun.current) return;
    begun.current = true;
    void send();
  });
  return (
    <div className="stack" data-testid="d.recorder.unsent">
      <p>{w("fu.unsent", { length: spokenLength(call.seconds, locale) })}</p>
      {upload.error && <ErrorState error={upload.error} />}
      {upload.sent !== null ? (
        <progress max={1} value={upload.sent} aria-label={w("fu.sending")} />
      ) : (
        <div className="row">
          <Button variant="primary" icon={Upload} disabled={!agreed} onClick={() => void send()}>{w("fu.send")}</Button>
          <Button variant="quiet" icon={Trash2} onClick={() => setAsked(true)}>{w("fu.drop")}</Button>
        </div>
      )}
      {asked && <DropDialog onDrop={onSent} onClose={() => setAsked(false)} />}
    </div>
  );
}

/** The recording is nowhere else: it is asked once more. */
export function DropDialog({ onDrop, onClose }: { onDrop: () => void; onClose: () => void }) {
  const w = useCallWords();
  const actions = (
    <>
      <Button onClick={onClose}>{w("fu.drop.keep")}</Button>
      <Button variant="danger" icon={Trash2} onClick={onDrop} data-testid="d.recorder.drop">
        {w("fu.drop.do")}
      </Button>
    </>
  );
  return (
    <Dialog title={w("fu.drop.title")} onClose={onClose} actions={actions} testid="d.recorder.dropping">
      <p>{w("fu.drop.what")}</p>
    </Dialog>
  );
}
