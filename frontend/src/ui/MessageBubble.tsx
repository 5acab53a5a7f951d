import { useId, type ReactNode } from "react";
import { RefreshCw } from "lucide-react";
import { clock, dateTime } from "@core/format";
import { inLocale } from "@core/i18n";
import type { CodedError, Person } from "@core/protocol";
import type { MessageStatus } from "@core/timeline";
import { Button } from "./Button";
import { fullName, languageOf } from "./names";
import { useLocale } from "./settings";
import { errorText } from "./states";
import { StatusWords, type Reader } from "./StatusWords";
import { useUi } from "./words";
import "./message.css";

export interface MessageBubbleProps {
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
  author: Person | null;
  own: boolean;
  firstOfGroup: boolean;
  /** Own messages only. */
  status?: MessageStatus | undefined;
  /** The word of a normal state is drawn on the last own message only. */
  showStatus?: boolean;
  reader: Reader;
  error?: CodedError | null;
  onRetry?: () => void;
  onDrop?: () => void;
  children?: ReactNode;
}

/** One message: author line, words, time and state. Its accessible name is one sentence: who, when, what kind, how far. */
export function MessageBubble(props: MessageBubbleProps) {
  const { text, at, author, own, firstOfGroup, status, reader } = props;
  const t = useUi();
  const locale = useLocale();
  const id = useId();
  const who = own ? t("ui.you") : author ? fullName(author, locale) : t("ui.someone");
  const troubled = status === "failed" || status === "queued";
  return (
    <article className="x-msg" data-own={own} data-testid="x.msg" data-kind="text" data-status={status} aria-labelledby={`${id}-say ${status ? `${id}-status` : ""}`}>
      <p id={`${id}-say`} className="sr-only">
        {t("ui.msg.sentence", { who, time: dateTime(at, locale) })}
      </p>
      {firstOfGroup && !own && author && <AuthorLine author={author} />}
      <div className="x-bubble" title={dateTime(at, locale)}>
        <p className="own-words" lang={languageOf(text)} data-testid="x.msg.text">
          {text}
        </p>
        {props.children}
      </div>
      <span className="x-msg-meta" aria-hidden="true">
        {firstOfGroup && <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>}
        {status && <StatusWords id={`${id}-status`} status={status} reader={reader} quiet={!troubled && !props.showStatus} />}
      </span>
      {status === "failed" && <FailedActions {...props} />}
    </article>
  );
}

function FailedActions({ error, onRetry, onDrop }: MessageBubbleProps) {
  const t = useUi();
  return (
    <div className="x-msg-failed">
      <p>{error ? errorText(error) : t("ui.msg.failed")}</p>
      <div className="row">
        <Button size="small" icon={RefreshCw} onClick={onRetry} data-testid="x.msg.retry">
          {t("ui.retry")}
        </Button>
        <Button size="small" variant="quiet" onClick={onDrop} data-testid="x.msg.drop">
          {t("ui.msg.drop")}
        </Button>
      </div>
    </div>
  );
}

/** Clinicians are always shown with name, title and department. */
export function AuthorLine({ author }: { author: Person }) {
  const locale = useLocale();
  const details = [author.title, author.department].filter((words) => words !== null).map((words) => inLocale(words, locale));
  return (
    <p className="x-author" aria-hidden="true">
      <strong>{author.name}</strong> {details.join(" · ")}
    </p>
  );
}
