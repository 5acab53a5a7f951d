import { useId, type ReactNode } from "react";
import { clock, dateTime } from "@core/format";
import { inLocale } from "@core/i18n";
import type { OutboxFile } from "@core/db";
import type { CodedError, Person } from "@core/protocol";
import type { MessageStatus } from "@core/timeline";
import { fullName, languageOf } from "./names";
import { useLocale } from "./settings";
import { StatusWords, type Reader } from "./StatusWords";
import { useTalk } from "./talk/context";
import { partsOf } from "./talk/mentions";
import { More } from "./talk/More";
import { FailedActions, Held, Sending } from "./talk/OnItsWay";
import { Quote } from "./talk/Quote";
import { Media, type MediaProps } from "./talk/slots";
import { useTalkWords } from "./talk/words";
import { useUi } from "./words";
import "./message.css";

export interface MessageBubbleProps {
  /** Its place in the thread; none while it is on its way. */
  seq?: number;
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
  /** The message that this one answers. */
  replyTo?: number | null;
  /** The words that took the place of these; both are shown. */
  corrected?: { at: number; text: string } | undefined;
  attachments?: MediaProps["attachments"];
  voice?: MediaProps["voice"];
  voiceWords?: MediaProps["words"];
  /** Names of colleagues who were called into a side thread. */
  mentions?: readonly string[] | undefined;
  /** On its way: the files that go with it, how much of them is up (0..1), until when it is held. */
  files?: readonly OutboxFile[] | undefined;
  part?: number | undefined;
  heldUntil?: number | undefined;
  error?: CodedError | null;
  onRetry?: () => void;
  onDrop?: () => void;
  onUndo?: (() => void) | undefined;
  children?: ReactNode;
}

/** One message: author line, words, time and state. Its accessible name is one sentence: who, when, what kind, how far. */
export function MessageBubble(props: MessageBubbleProps) {
  const { seq, text, at, author, own, firstOfGroup, status } = props;
  const t = useTalkWords();
  const ui = useUi();
  const locale = useLocale();
  const id = useId();
  const kind = props.voice || props.files?.some((file) => file.field === "voice") ? "voice" : props.attachments?.length || props.files?.length ? "file" : "text";
  const who = own ? ui("ui.you") : author ? fullName(author, locale) : ui("ui.someone");
  return (
    <article
      className="x-msg"
      data-own={own}
      data-testid="x.msg"
      data-kind={kind}
      data-status={status}
      data-seq={seq}
      tabIndex={-1}
      aria-labelledby={`${id}-say ${status ? `${id}-status` : ""}`}
    >
      <p id={`${id}-say`} className="sr-only">
        {t(`tk.msg.${kind}`, { who, time: dateTime(at, locale) })}
      </p>
      {firstOfGroup && !own && author && <AuthorLine author={author} />}
      <div className="x-msg-line">
        <div className="x-bubble" title={dateTime(at, locale)}>
          {props.replyTo && <Quote seq={props.replyTo} />}
          <Carried {...props} />
          <Words text={text} corrected={props.corrected} mentions={props.mentions} />
          {props.children}
        </div>
        {seq !== undefined && <More seq={seq} />}
      </div>
      <Meta {...props} id={`${id}-status`} />
      {status === "held" && props.heldUntil !== undefined && <Held until={props.heldUntil} onUndo={props.onUndo} />}
      {status === "failed" && <FailedActions {...props} />}
    </article>
  );
}

/** The words; corrected ones struck through, with the new ones under them. */
function Words({ text, corrected, mentions }: Pick<MessageBubbleProps, "text" | "corrected" | "mentions">) {
  const t = useTalkWords();
  if (!text) return null;
  if (!corrected) {
    return (
      <p className="own-words" lang={languageOf(text)} data-testid="x.msg.text">
        {mentions?.length ? <Called text={text} names={mentions} /> : text}
      </p>
    );
  }
  return (
    <>
      <p className="own-words" lang={languageOf(text)} data-testid="x.msg.text">
        <del>{text}</del>
      </p>
      {/* The line at the end of the conversation says it; it is not said twice. */}
      <div aria-live="off" className="x-corrected">
        <p className="meta">{t("tk.corrected", { time: clock(corrected.at) })}</p>
        <ins className="own-words" lang={languageOf(corrected.text)} data-testid="x.msg.corrected">
          {corrected.text}
        </ins>
      </div>
    </>
  );
}

/** Words in which colleagues are called by name. */
function Called({ text, names }: { text: string; names: readonly string[] }) {
  return partsOf(text, names).map((part, i) => (part.called ? <strong key={i}>{part.text}</strong> : part.text));
}

/** Pictures, documents and a voice note, posted or on their way. */
function Carried({ seq, own, reader, attachments, voice, voiceWords, files, part, status, onUndo }: MessageBubbleProps) {
  const talk = useTalk();
  if (files?.length) return <Sending files={files} part={part} onCancel={status === "sending" || status === "queued" ? onUndo : undefined} />;
  if (!attachments?.length && !voice) return null;
  return <Media thread={talk?.thread ?? ""} seq={seq ?? null} own={own} reader={reader === "patient" ? "patient" : "staff"} attachments={attachments} voice={voice} words={voiceWords} />;
}

interface MetaProps extends Pick<MessageBubbleProps, "seq" | "at" | "firstOfGroup" | "status" | "showStatus" | "reader"> {
  id: string;
}

/** Time and state. The state of a message that has arrived opens who has received and read it. */
function Meta({ id, seq, at, firstOfGroup, status, showStatus, reader }: MetaProps) {
  const t = useTalkWords();
  const talk = useTalk();
  const quiet = !(status === "failed" || status === "queued") && !showStatus;
  const words = status && status !== "held" && <StatusWords id={id} status={status} reader={reader} quiet={quiet} />;
  return (
    <span className="x-msg-meta">
      {firstOfGroup && (
        <time aria-hidden="true" dateTime={new Date(at).toISOString()}>
          {clock(at)}
        </time>
      )}
      {words && seq !== undefined && talk && !quiet ? (
        <button
          type="button"
          className="x-msg-state"
          tabIndex={-1}
          title={t("tk.details.open")}
          onClick={(event) => talk.openDetails({ seq, anchor: event.currentTarget })}
          data-testid="x.msg.details"
        >
          {words}
        </button>
      ) : (
        words && <span aria-hidden="true">{words}</span>
      )}
    </span>
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
