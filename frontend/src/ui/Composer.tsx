import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { SendHorizontal } from "lucide-react";
import { DraftSaver, loadDraft } from "@core/drafts";
import { clock } from "@core/format";
import { LIMITS } from "@core/protocol";
import { Button } from "./Button";
import { EnterGuard } from "./EnterGuard";
import { useGrowing } from "./fields";
import { useSettings } from "./settings";
import { useUi } from "./words";
import "./composer.css";

export interface ComposerProps {
  /** The person who writes and the conversation: a draft never moves to another. */
  owner: string;
  place: string;
  /** Resolves when the words are safe in the outbox; only then is the box emptied. */
  onSend: (text: string) => Promise<void>;
  /** Called at each change of the text. */
  onType?: () => void;
  /** Who will read it (wrong-patient guard for staff); becomes part of the box's name. */
  recipient: ReactNode;
  label: string;
  placeholder?: string;
  /** "p.chat" or "d.chat": the prefix of the test hooks. */
  testid: string;
  maxLength?: number;
  /** Asks for the focus when the conversation opens (staff). */
  autoFocus?: boolean;
}

/** The text box of a conversation: drafts, the Chinese Enter guard, a box that never loses a word. */
export function Composer(props: ComposerProps) {
  // A new place is a new box: nothing of the last one can leak into it.
  return <PlacedComposer key={`${props.owner}:${props.place}`} {...props} />;
}

function PlacedComposer({ owner, place, onSend, onType, recipient, label, placeholder, testid, maxLength = LIMITS.message, autoFocus }: ComposerProps) {
  const t = useUi();
  const { enterSends } = useSettings();
  const hint = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const [guard] = useState(() => new EnterGuard());
  const draft = useDraft(owner, place);
  const [failed, setFailed] = useState(false);
  useGrowing(box, draft.text);
  useEffect(() => {
    if (autoFocus && draft.ready) box.current?.focus();
  }, [autoFocus, draft.ready]);

  const tooLong = draft.text.length > maxLength;
  const sendable = draft.text.trim() !== "" && !tooLong;
  const send = async () => {
    if (!sendable) return;
    const text = draft.text;
    try {
      await onSend(text);
      setFailed(false);
      draft.sent(text);
    } catch {
      setFailed(true); // The browser refused to store it: the words stay in the box.
    }
    box.current?.focus();
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>) => {
    const meaning = guard.meaning(event.nativeEvent, enterSends && !isTouch());
    if (meaning !== "send") return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      className="x-composer"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {recipient && <p className="x-composer-to">{recipient}</p>}
      <div className="x-composer-row">
        <textarea
          ref={box}
          rows={1}
          value={draft.text}
          aria-label={label}
          aria-describedby={hint}
          placeholder={placeholder}
          readOnly={!draft.ready}
          data-testid={`${testid}.composer`}
          onChange={(event) => {
            draft.change(event.target.value);
            onType?.();
          }}
          onCompositionStart={() => guard.compositionStart()}
          onCompositionEnd={() => guard.compositionEnd()}
          onKeyDown={onKeyDown}
        />
        <Button type="submit" variant="primary" icon={SendHorizontal} disabled={!sendable} data-testid={`${testid}.send`}>
          {t("ui.send")}
        </Button>
      </div>
      <p id={hint} className="x-composer-state">
        {failed && <strong className="x-composer-failed">{t("ui.composer.notStored")}</strong>}
        {tooLong && <strong className="x-composer-failed">{t("ui.composer.tooLong", { over: draft.text.length - maxLength })}</strong>}
        {!failed && !tooLong && draft.savedAt !== null && <span data-testid={`${testid}.saved`}>{t("ui.composer.saved", { time: clock(draft.savedAt) })}</span>}
      </p>
    </form>
  );
}

/** A phone's Enter starts a line; the button sends. */
function isTouch(): boolean {
  return window.matchMedia("(pointer: coarse)").matches;
}

interface DraftBox {
  text: string;
  ready: boolean;
  savedAt: number | null;
  change: (text: string) => void;
  /** Empties the box, unless something was typed after `text` was sent. */
  sent: (text: string) => void;
}

function useDraft(owner: string, place: string): DraftBox {
  const [text, setText] = useState("");
  const [ready, setReady] = useState(false);
  const [savedAt, setSavedAt] = useState<number | null>(null);
  const saver = useRef<DraftSaver>(null);
  const latest = useRef("");
  useEffect(() => {
    const own = new DraftSaver(owner, place, setSavedAt);
    saver.current = own;
    void loadDraft(owner, place)
      .then((stored) => {
        latest.current = stored;
        setText(stored);
      })
      // Storage may be forbidden: the box still works, it only keeps nothing.
      .catch(() => undefined)
      .finally(() => setReady(true));
    return () => own.stop();
  }, [owner, place]);
  return {
    text,
    ready,
    savedAt: text === "" ? null : savedAt,
    change(next) {
      latest.current = next;
      setText(next);
      saver.current?.change(next);
    },
    sent(was) {
      if (latest.current !== was) return;
      latest.current = "";
      setText("");
      saver.current?.change("");
      saver.current?.flush();
    },
  };
}
