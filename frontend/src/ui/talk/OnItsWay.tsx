import { Suspense, useEffect, useState } from "react";
import { FileText, Image, Mic, RefreshCw, Undo2 } from "lucide-react";
import type { OutboxFile } from "@core/db";
import type { CodedError } from "@core/protocol";
import { Button } from "../Button";
import { later } from "../later";
import { errorText } from "../states";
import { useTalkWords } from "./words";

interface FailedProps {
  error?: CodedError | null;
  onRetry?: () => void;
  onDrop?: () => void;
}

/** Why a message did not go out, and what to do with it. */
export function FailedActions({ error, onRetry, onDrop }: FailedProps) {
  const t = useTalkWords();
  return (
    <div className="x-msg-failed">
      <p>{error ? errorText(error) : t("tk.msg.failed")}</p>
      <div className="row">
        <Button size="small" icon={RefreshCw} onClick={onRetry} data-testid="x.msg.retry">
          {t("ui.retry")}
        </Button>
        <Button size="small" variant="quiet" onClick={onDrop} data-testid="x.msg.drop">
          {t("tk.msg.drop")}
        </Button>
      </div>
    </div>
  );
}

/** A message that can still be called back: a ring that empties, and the way to do it. Nobody else has it yet. */
export function Held({ until, onUndo }: { until: number; onUndo?: (() => void) | undefined }) {
  const t = useTalkWords();
  const [left] = useState(() => Math.max(0, until - Date.now()));
  const seconds = useSecondsLeft(until);
  return (
    <div className="x-held" data-testid="x.msg.held">
      <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
        <circle cx="12" cy="12" r="9" />
        <circle cx="12" cy="12" r="9" className="x-held-left" style={{ animationDuration: `${left}ms` }} />
      </svg>
      <span className="meta" aria-hidden="true">
        {t("tk.held", { seconds })}
      </span>
      {onUndo && (
        <Button size="small" icon={Undo2} onClick={onUndo} aria-keyshortcuts="Control+Z" data-testid="x.msg.undo">
          {t("tk.undo")}
        </Button>
      )}
    </div>
  );
}

function useSecondsLeft(until: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((until - now) / 1000));
}

const Outgoing = later(() => import("../attachments/Outgoing"));

interface SendingProps {
  files: readonly OutboxFile[];
  part?: number | undefined;
  onCancel?: (() => void) | undefined;
}

/** Files that go up with a message: as pictures, and by their names where those cannot be drawn, or not yet. */
export function Sending(props: SendingProps) {
  const names = <Names {...props} />;
  if (props.files.some((file) => file.field !== "attachments")) return names;
  return (
    <Suspense fallback={names}>
      <Outgoing {...props} />
    </Suspense>
  );
}

function Names({ files, part }: SendingProps) {
  const t = useTalkWords();
  return (
    <div className="x-sending">
      <ul>
        {files.map((file, i) => {
          const Icon = file.field === "voice" ? Mic : file.blob.type === "application/pdf" ? FileText : Image;
          return (
            <li key={i}>
              <Icon size={20} aria-hidden />
              <span>{file.field === "voice" ? t("tk.voice") : file.name}</span>
            </li>
          );
        })}
      </ul>
      {part !== undefined && part < 1 && <progress value={part} aria-label={t("tk.uploading")} />}
    </div>
  );
}
