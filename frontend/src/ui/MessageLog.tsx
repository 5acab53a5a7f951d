import { Fragment, useId, useImperativeHandle, useMemo, useRef, type ReactNode, type Ref } from "react";
import { ArrowDown } from "lucide-react";
import type { Person } from "@core/protocol";
import type { Row } from "@core/rows";
import { Button } from "./Button";
import { LogRow } from "./LogRow";
import type { Reader } from "./StatusWords";
import { TalkProvider, type Talk } from "./talk/context";
import { useLogScroll } from "./talk/useLogScroll";
import { useLongPress } from "./talk/useLongPress";
import { useTalkWords } from "./talk/words";
import "./log.css";

export interface LogHandle {
  /** Brings a message into view and gives it the focus; false when it is not drawn. */
  show: (seq: number) => boolean;
}

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
  /** Takes back a message that is still held; without it nothing is. */
  onUndo?: ((client_id: string) => void) | undefined;
  /** How far this person had read when the conversation was opened: what follows stands under a line. */
  readUpto?: number | null;
  talk?: Talk | null;
  handle?: Ref<LogHandle>;
  /** Escape leaves the log for the composer. */
  onLeave?: (() => void) | undefined;
  /** Drawn above the very first row. */
  head?: ReactNode;
  /** Drawn under the last row: typing, what happens next. Not announced by the log. */
  foot?: ReactNode;
  testid: string;
}

/** The conversation as a log: new messages are announced, older ones are not; arrow keys go from message to message. */
export function MessageLog(props: MessageLogProps) {
  const { title, rows, hasOlder, loadingOlder, testid, talk = null } = props;
  const t = useTalkWords();
  const id = useId();
  const log = useRef<HTMLDivElement>(null);
  const others = useMemo(() => new Set(rows.filter(isTheirs).map((row) => row.key)), [rows]);
  const keys = useMemo(() => rows.map((row) => row.key), [rows]);
  const { unseen, far, toBottom, onScroll } = useLogScroll(log, { keys, counts: (key) => others.has(key), ownLast: rows.at(-1)?.type === "pending" });
  const press = useLongPress((article) => act(article));
  const unread = firstUnread(rows, props.readUpto ?? null);
  useImperativeHandle(props.handle, () => ({ show: (seq) => show(log.current, seq) }));
  return (
    <TalkProvider value={talk}>
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
          aria-describedby={talk ? `${id}-keys` : undefined}
          aria-busy={loadingOlder}
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard needs it
          tabIndex={0}
          data-testid={testid}
          onScroll={onScroll}
          onKeyDown={(event) => walk(event, props.onLeave)}
          {...(talk ? press : {})}
        >
          {hasOlder && (
            <Button size="small" pending={loadingOlder} onClick={props.onLoadOlder} data-testid={`${testid}.older`} className="x-log-older">
              {t("tk.log.older")}
            </Button>
          )}
          {props.head}
          <ol>
            {rows.map((row) => (
              <Fragment key={row.key}>
                {row.key === unread && <UnreadLine />}
                <li data-continues={row.type !== "day" && !row.firstOfGroup}>
                  <LogRow row={row} {...props} />
                </li>
              </Fragment>
            ))}
          </ol>
          <div aria-live="off">{props.foot}</div>
        </div>
        {talk && (
          <p id={`${id}-keys`} hidden>
            {t("tk.log.keys")}
          </p>
        )}
        {(unseen > 0 || far) && (
          <Button size="small" icon={ArrowDown} className="x-log-latest" onClick={toBottom} data-testid={`${testid}.latest`}>
            {unseen > 0 ? t("tk.log.new", { count: unseen }) : t("tk.log.latest")}
          </Button>
        )}
      </section>
    </TalkProvider>
  );
}

const isTheirs = (row: Row) => row.type === "event" && !row.own && row.event.kind === "message.posted";

/** The key of the first message of somebody else after `upto`; none when nothing was read before. */
function firstUnread(rows: readonly Row[], upto: number | null): string | null {
  if (!upto) return null;
  return rows.find((row) => row.type === "event" && isTheirs(row) && row.event.seq > upto)?.key ?? null;
}

function UnreadLine() {
  const t = useTalkWords();
  return (
    <li className="x-log-unread" data-unread-line data-testid="x.log.unread">
      <span>{t("tk.log.unread")}</span>
    </li>
  );
}

/** Arrow keys, Home, End and the page keys move the focus between messages while the log has it; Enter opens what can be done. */
function walk(event: React.KeyboardEvent<HTMLDivElement>, onLeave: (() => void) | undefined): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  const messages = [...event.currentTarget.querySelectorAll<HTMLElement>("article")];
  const here = messages.findIndex((message) => message.contains(document.activeElement));
  if (event.key === "Escape" && onLeave) {
    event.preventDefault();
    onLeave();
    return;
  }
  const current = messages[here];
  if (event.key === "Enter" && current && document.activeElement === current) {
    event.preventDefault();
    act(current);
    return;
  }
  const end = messages.length - 1;
  const up = here < 0 ? end : here;
  const steps: Record<string, number> = { ArrowUp: here < 0 ? end : here - 1, ArrowDown: here + 1, Home: 0, End: end, PageUp: Math.max(0, up - 5), PageDown: Math.min(end, up + 5) };
  const target = steps[event.key];
  const message = target === undefined ? undefined : messages[target];
  if (!message) return;
  event.preventDefault();
  focusOn(message);
}

/** Opens a message's actions through its own button, so that there is one way in. */
function act(article: HTMLElement): void {
  article.querySelector<HTMLElement>("[data-more]")?.click();
}

function focusOn(message: HTMLElement): void {
  message.tabIndex = -1;
  message.focus();
}

function show(log: HTMLElement | null, seq: number): boolean {
  const message = log?.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
  if (!message) return false;
  message.scrollIntoView({ block: "center" });
  focusOn(message);
  message.dataset["found"] = "true";
  setTimeout(() => delete message.dataset["found"], 2_000);
  return true;
}
