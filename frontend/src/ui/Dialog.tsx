import { useEffectEvent, useId, useLayoutEffect, useRef, type ReactNode, type SyntheticEvent } from "react";
import { X } from "lucide-react";
import { enterModal } from "./announce";
import { Button } from "./Button";
import { useUi } from "./words";
import "./dialog.css";

export interface DialogProps {
  title: ReactNode;
  onClose: () => void;
  /** sheet: rises from the bottom on a phone; drawer: from the right, for staff panels. */
  shape?: "dialog" | "sheet" | "drawer";
  /** Buttons of the foot; the close button is always there. */
  actions?: ReactNode;
  children: ReactNode;
  testid?: string;
}

/** A modal dialog on the browser's own <dialog>: focus goes to the heading, stays inside, and returns where it came from.
 * Render it only while it is open. */
export function Dialog({ title, onClose, shape = "dialog", actions, children, testid }: DialogProps) {
  const t = useUi();
  const id = useId();
  const modal = useModal(onClose, "h2");
  return (
    <dialog
      {...modal}
      className="x-dialog"
      data-shape={shape}
      data-testid={testid}
      aria-labelledby={id}
    >
      <div className="x-dialog-head">
        <h2 id={id} tabIndex={-1}>
          {title}
        </h2>
        <Button variant="quiet" icon={X} onClick={onClose} data-testid="x.dialog.close">
          {t("ui.close")}
        </Button>
      </div>
      <div className="x-dialog-body" ref={scrolls}>
        {children}
      </div>
      {actions && <div className="x-dialog-foot">{actions}</div>}
    </dialog>
  );
}

/** What scrolls must be reached by the keyboard, even where there is nothing in it to press. */
function scrolls(body: HTMLElement | null): (() => void) | undefined {
  if (!body) return undefined;
  const watch = new ResizeObserver(() => {
    if (body.scrollHeight > body.clientHeight) body.tabIndex = 0;
    else body.removeAttribute("tabindex");
  });
  for (const one of [body, ...body.children]) watch.observe(one);
  return () => watch.disconnect();
}

/** What makes a <dialog> a modal one that is open as long as it is rendered; `first` selects what has the focus when it opens.
 * A second Escape, or Back on a phone, closes it whatever was said to the first: it opens again, and `onClose` decides. */
export function useModal(onClose: () => void, first?: string) {
  const ref = useRef<HTMLDialogElement>(null);
  const open = () => {
    if (!ref.current?.isConnected || ref.current.open) return false;
    ref.current.showModal();
    if (first) ref.current.querySelector<HTMLElement>(first)?.focus();
    return true;
  };
  const opened = useEffectEvent(open);
  useLayoutEffect(() => {
    const dialog = ref.current;
    opened();
    const leave = dialog && enterModal(dialog);
    return () => {
      leave?.();
      dialog?.close();
    };
  }, []);
  const onCancel = (event: SyntheticEvent) => {
    if (event.target !== event.currentTarget) return; // of a file field inside
    event.preventDefault();
    onClose();
  };
  return { ref, onCancel, onClose: () => open() && onClose() };
}
