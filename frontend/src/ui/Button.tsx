import type { ComponentType, ReactNode } from "react";
import { useUi } from "./words";
import "./button.css";

export interface ButtonProps extends React.ButtonHTMLAttributes<HTMLButtonElement> {
  /** primary: the one main act of a page; danger: what cannot be taken back; emergency: the way to urgent help. */
  variant?: "primary" | "secondary" | "quiet" | "danger" | "emergency";
  /** main: full width, the page's one big act (60 px in elder mode). */
  size?: "main" | "normal" | "small";
  icon?: ComponentType<{ size?: number; "aria-hidden"?: boolean }>;
  /** The act is running: the button keeps its focus and place but does nothing. */
  pending?: boolean;
  children: ReactNode;
}

/** A button. Text is always visible; an icon only accompanies it. One whose act runs for a while takes a double click for one: the second
 * half comes before the page knows that the act is running. */
export function Button({ variant = "secondary", size = "normal", icon: Icon, pending, children, onClick, className = "", ...rest }: ButtonProps) {
  const t = useUi();
  const press = (event: React.MouseEvent<HTMLButtonElement>) => {
    if (pending || (event.detail > 1 && (pending === false || rest.type))) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type="button"
      {...rest}
      className={`x-button ${className}`}
      data-variant={variant}
      data-size={size}
      aria-disabled={pending || rest["aria-disabled"]}
      onClick={press}
    >
      {Icon && <Icon size={20} aria-hidden />}
      <span>{children}</span>
      {pending && <span className="x-button-pending">{t("ui.pending")}</span>}
    </button>
  );
}

export interface IconButtonProps extends React.ButtonHTMLAttributes<HTMLButtonElement> {
  icon: ComponentType<{ size?: number; "aria-hidden"?: boolean }>;
  /** The accessible name; also the tooltip. */
  label: string;
}

/** Staff pages and arrows only: patients always see words. */
export function IconButton({ icon: Icon, label, className = "", ...rest }: IconButtonProps) {
  return (
    <button type="button" {...rest} aria-label={label} title={label} className={`x-icon-button ${className}`}>
      <Icon size={20} aria-hidden />
    </button>
  );
}
