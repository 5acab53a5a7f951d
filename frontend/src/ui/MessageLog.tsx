import { useEffect, useId, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { ArrowDown } from "lucide-react";
import { day } from "@core/format";
import type { Person } from "@core/protocol";
import type { Row } from "@core/rows";
import { Button } from "./Button";
import { EventLine } from "./EventCards";
import { MessageBubble } from "./MessageBubble";
import { useLocale } from "./settings";
import type { Reader } from "./StatusWords";
import { useUi } from "./words";
import "./log.css";

export interface MessageLogProps {
  /** Names the conversation: "与李明主任医师的对话". */
  title: string;
  rows: readonly Row[];
  people: ReadonlyMap<string, Person>;
  reader: Reader;
  hasOlder: boolean;
  loadingOlder: boolean;
  onLoadOlder: () => void;
  onRetry: (client_id: string) => void;
  onDrop: (client_id: string) => void;
  /** Drawn above the very first row. */
  head?: ReactNode;
  /** Drawn under the last row: typing, what happens next. Not announced by the log. */
  foot?: ReactNode;
  testid: string;
}

/** The conversation as a log: new messages are announced, older ones are not; arrow keys go from message to message. */
export function MessageLog(props: MessageLogProps) {
  const { title, rows, people, reader, hasOlder, loadingOlder, testid } = props;
  const t = useUi();
  const id = useId();
  const log = useRef<HTMLDivElement>(null);
  const { unseen, toBottom, onScroll } = useStickToBottom(log, rows);
  return (
    <section className="x-log-section" aria-labelledby={id}>
      <h2 id={id} className="sr-only">
        {title}
      </h2>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a log that scrolls must be reachable and is walked with arrows */}
      <div
        ref={log}
        className="x-log"
        role="log"
        aria-labelledby={id}
        aria-busy={loadingOlder}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard needs it
        tabIndex={0}
        data-testid={testid}
        onScroll={onScroll}
        onKeyDown={(event) => walk(event)}
      >
        {hasOlder && (
          <Button size="small" pending={loadingOlder} onClick={props.onLoadOlder} data-testid={`${testid}.older`} className="x-log-older">
            {t("ui.log.older")}
          </Button>
        )}
        {props.head}
        <ol>
          {rows.map((row) => (
            <li key={row.key} data-continues={row.type !== "day" && !row.firstOfGroup}>
              <LogRow row={row} people={people} reader={reader} onRetry={props.onRetry} onDrop={props.onDrop} />
            </li>
          ))}
        </ol>
        <div aria-live="off">{props.foot}</div>
      </div>
      {unseen > 0 && (
        <Button size="small" icon={ArrowDown} className="x-log-latest" onClick={toBottom} data-testid={`${testid}.latest`}>
          {t("ui.log.new", { count: unseen })}
        </Button>
      )}
    </section>
  );
}

function LogRow({ row, people, reader, onRetry, onDrop }: { row: Row; people: ReadonlyMap<string, Person>; reader: Reader } & Pick<MessageLogProps, "onRetry" | "onDrop">) {
  if (row.type === "day") return <DaySeparator at={row.at} />;
  if (row.type === "pending") {
    const { client_id, text, at, status, error } = row.message;
    return (
      <MessageBubble
        text={text}
        at={at}
        author={null}
        own
        firstOfGroup={row.firstOfGroup}
        status={status}
        showStatus
        reader={reader}
        error={error}
        onRetry={() => onRetry(client_id)}
        onDrop={() => onDrop(client_id)}
      />
    );
  }
  const { event, own } = row;
  const author = (event.sender && people.get(event.sender)) || null;
  if (event.kind !== "message.posted") return <EventLine event={event} author={author} />;
  const status = own ? row.status : undefined;
  return <MessageBubble text={event.body.text} at={event.at} author={author} own={own} firstOfGroup={row.firstOfGroup} status={status} showStatus={row.lastOwn} reader={reader} />;
}

export function DaySeparator({ at }: { at: number }) {
  const locale = useLocale();
  return (
    <h3 className="x-day">
      <time dateTime={new Date(at).toISOString()}>{day(at, locale)}</time>
    </h3>
  );
}

/** Stays at the newest message while the reader is there; otherwise counts what has come and leaves the page still.
 * Rows added on top (history) do not move what is being read. */
function useStickToBottom(ref: React.RefObject<HTMLDivElement | null>, rows: readonly Row[]) {
  const atBottom = useRef(true);
  const before = useRef({ first: "", last: "", count: 0, height: 0 });
  const [unseen, setUnseen] = useState(0);
  const first = rows.find((row) => row.type !== "day")?.key ?? "";
  const last = rows.at(-1)?.key ?? "";
  useLayoutEffect(() => {
    const log = ref.current;
    if (!log) return;
    const was = before.current;
    const grewOnTop = was.first !== "" && was.first !== first && was.last === last;
    const arrived = was.last !== last ? Math.max(0, rows.length - was.count) : 0;
    before.current = { first, last, count: rows.length, height: log.scrollHeight };
    if (grewOnTop) log.scrollTop += log.scrollHeight - was.height;
    else if (atBottom.current || rows.at(-1)?.type === "pending") log.scrollTop = log.scrollHeight;
    else if (arrived > 0) setUnseen((count) => count + arrived);
  }, [ref, rows, first, last]);
  useEffect(() => {
    const log = ref.current;
    if (!log) return;
    // The keyboard of a phone, a strip, a growing composer: the newest message stays in view.
    const observer = new ResizeObserver(() => {
      if (atBottom.current) log.scrollTop = log.scrollHeight;
    });
    observer.observe(log);
    return () => observer.disconnect();
  }, [ref]);
  const onScroll = () => {
    const log = ref.current;
    if (!log) return;
    atBottom.current = log.scrollHeight - log.scrollTop - log.clientHeight < 48;
    if (atBottom.current) setUnseen(0);
  };
  const toBottom = () => {
    const log = ref.current;
    if (!log) return;
    log.scrollTop = log.scrollHeight;
    log.focus();
  };
  return { unseen, toBottom, onScroll };
}

/** Arrow keys, Home and End move the focus between messages while the log has it. */
function walk(event: React.KeyboardEvent<HTMLDivElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const messages = [...event.currentTarget.querySelectorAll<HTMLElement>("article")];
  const here = messages.findIndex((message) => message.contains(document.activeElement));
  const target = { ArrowUp: here < 0 ? messages.length - 1 : here - 1, ArrowDown: here + 1, Home: 0, End: messages.length - 1 }[event.key];
  const message = target === undefined ? undefined : messages[target];
  if (!message) return;
  event.preventDefault();
  message.tabIndex = -1;
  message.focus();
}
