import { useEffect, useId, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from "react";
import { SendHorizontal } from "lucide-react";
import { clock } from "@core/format";
import { LIMITS } from "@core/protocol";
import { Button } from "./Button";
import { EnterGuard } from "./EnterGuard";
import { OtherDraft } from "./OtherDraft";
import { useGrowing } from "./fields";
import { useSettings } from "./settings";
import { useDraft } from "./useDraft";
import { useTalkWords } from "./talk/words";
import "./composer.css";

/** What others may do with the words in the box. */
export interface ComposerHandle {
  text: () => string;
  /** Puts words at the end of what is there, on a line of their own, and the cursor behind them. */
  insert: (text: string) => void;
  /** Puts words right behind what is there. */
  append: (text: string) => void;
  /** Empties the box, unless something was typed after `text` was taken out of it. */
  taken: (text: string) => void;
  focus: () => void;
}

export interface ComposerProps {
  /** The person who writes and the conversation: a draft never moves to another. */
  owner: string;
  place: string;
  /** Resolves when the words are safe in the outbox; only then is the box emptied. */
  onSend: (text: string) => Promise<void>;
  /** Called at each change of the text. */
  onType?: (text: string) => void;
  /** Who will read it (wrong-patient guard for staff); becomes part of the box's name. */
  recipient: ReactNode;
  label: string;
  placeholder?: string;
  /** "p.chat" or "d.chat": the prefix of the test hooks. */
  testid: string;
  maxLength?: number;
  /** Asks for the focus when the conversation opens (staff). */
  autoFocus?: boolean;
  handle?: Ref<ComposerHandle>;
  /** Over the box: the quoted message, chosen pictures. */
  above?: ReactNode;
  /** In the row before the box (voice); drawn while there are no words on a phone. */
  before?: ReactNode;
  /** In the row after the box (pictures, files). */
  tools?: ReactNode;
  /** Takes the place of the whole row (a recording that runs). */
  instead?: ReactNode;
  /** Something beside words is ready to go: the box may be empty. */
  loaded?: boolean;
  /** Beside the send button (send later). */
  split?: ReactNode;
  /** Draws the send button only when there is something to send (phone). */
  compact?: boolean;
}

/** The text box of a conversation: drafts, the Chinese Enter guard, a box that never loses a word. */
export function Composer(props: ComposerProps) {
  // A new place is a new box: nothing of the last one can leak into it.
  return <PlacedComposer key={`${props.owner}:${props.place}`} {...props} />;
}

function PlacedComposer(props: ComposerProps) {
  const { owner, place, onSend, recipient, label, testid, maxLength = LIMITS.message, autoFocus, loaded = false, compact = false } = props;
  const box = useRef<HTMLTextAreaElement>(null);
  const draft = useDraft(owner, place);
  const [failed, setFailed] = useState(false);
  const hint = useId();
  useEffect(() => {
    if (autoFocus && draft.ready) box.current?.focus();
  }, [autoFocus, draft.ready]);
  useComposerHandle(props.handle, box, draft);

  const tooLong = draft.text.length > maxLength;
  const sendable = (draft.text.trim() !== "" || loaded) && !tooLong;
  const sending = useRef(false);
  const send = async () => {
    if (!sendable || sending.current) return;
    const text = draft.text;
    sending.current = true;
    try {
      await onSend(text);
      setFailed(false);
      draft.sent(text);
    } catch {
      setFailed(true); // The browser refused to store it: the words stay in the box.
    } finally {
      sending.current = false;
    }
    box.current?.focus();
  };
  return (
    <form
      className="x-composer"
      aria-label={label}
      data-compact={compact}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {recipient && <p className="x-composer-to">{recipient}</p>}
      <OtherDraft draft={draft} testid={testid} />
      {props.above}
      {props.instead}
      <div className="x-composer-row" hidden={Boolean(props.instead)}>
        {!(compact && sendable) && props.before}
        <Box {...props} ref={box} draft={draft} hint={hint} send={() => void send()} />
        {props.tools}
        {!(compact && !sendable) && <SendButton sendable={sendable} testid={testid} />}
        {props.split}
      </div>
      <State id={hint} testid={testid} failed={failed} over={draft.text.length - maxLength} savedAt={draft.savedAt} />
    </form>
  );
}

interface BoxProps extends Pick<ComposerProps, "label" | "placeholder" | "testid" | "onType"> {
  ref: React.RefObject<HTMLTextAreaElement | null>;
  draft: ReturnType<typeof useDraft>;
  hint: string;
  send: () => void;
}

function Box({ ref, draft, hint, send, label, placeholder, testid, onType }: BoxProps) {
  const { enterSends } = useSettings();
  const [guard] = useState(() => new EnterGuard());
  useGrowing(ref, draft.text);
  const onKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>) => {
    const meaning = guard.meaning(event.nativeEvent, enterSends && !isTouch());
    if (meaning !== "send") return;
    event.preventDefault();
    send();
  };
  return (
    <textarea
      ref={ref}
      rows={1}
      value={draft.text}
      aria-label={label}
      aria-describedby={hint}
      placeholder={placeholder}
      readOnly={!draft.ready}
      data-testid={`${testid}.composer`}
      onChange={(event) => {
        draft.change(event.target.value);
        onType?.(event.target.value);
      }}
      onCompositionStart={() => guard.compositionStart()}
      onCompositionEnd={() => guard.compositionEnd()}
      onKeyDown={onKeyDown}
    />
  );
}

function SendButton({ sendable, testid }: { sendable: boolean; testid: string }) {
  const t = useTalkWords();
  return (
    <Button type="submit" variant="primary" icon={SendHorizontal} className="x-composer-send" disabled={!sendable} data-testid={`${testid}.send`}>
      {t("ui.send")}
    </Button>
  );
}

function State({ id, testid, failed, over, savedAt }: { id: string; testid: string; failed: boolean; over: number; savedAt: number | null }) {
  const t = useTalkWords();
  return (
    <p id={id} className="x-composer-state">
      {failed && <strong className="x-composer-failed">{t("tk.composer.notStored")}</strong>}
      {over > 0 && <strong className="x-composer-failed">{t("tk.composer.tooLong", { over })}</strong>}
      {!failed && over <= 0 && savedAt !== null && <span data-testid={`${testid}.saved`}>{t("tk.composer.saved", { time: clock(savedAt) })}</span>}
    </p>
  );
}

function useComposerHandle(handle: Ref<ComposerHandle> | undefined, box: React.RefObject<HTMLTextAreaElement | null>, draft: ReturnType<typeof useDraft>): void {
  const put = (text: string) => {
    const area = box.current;
    draft.change(text);
    // The cursor goes behind the words once they are drawn.
    requestAnimationFrame(() => [area?.focus(), area?.setSelectionRange(area.value.length, area.value.length)]);
  };
  useImperativeHandle(handle, () => ({
    text: () => draft.text,
    insert(text) {
      const before = draft.text.trimEnd();
      put(before ? `${before}\n${text}` : text);
    },
    append: (text) => put(draft.text + text),
    taken: draft.sent,
    focus: () => box.current?.focus(),
  }));
}

/** A phone's Enter starts a line; the button sends. */
function isTouch(): boolean {
  return window.matchMedia("(pointer: coarse)").matches;
}
