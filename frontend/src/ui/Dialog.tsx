import { useId, useLayoutEffect, useRef, type ReactNode } from "react";
import { X } from "lucide-react";
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
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    heading.current?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className="x-dialog"
      data-shape={shape}
      data-testid={testid}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="x-dialog-head">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <Button variant="quiet" icon={X} onClick={onClose} data-testid="x.dialog.close">
          {t("ui.close")}
        </Button>
      </div>
      <div className="x-dialog-body">{children}</div>
      {actions && <div className="x-dialog-foot">{actions}</div>}
    </dialog>
  );
}
