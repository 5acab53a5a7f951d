import type { ComponentType, ReactNode } from "react";
import { Link } from "@ui/router";
import "@ui/button.css";

interface ButtonLinkProps {
  href: string;
  variant?: "primary" | "secondary" | "quiet";
  size?: "main" | "normal";
  icon?: ComponentType<{ size?: number; "aria-hidden"?: boolean }>;
  testid?: string;
  children: ReactNode;
}

/** A link that looks like a button, for going somewhere. */
export function ButtonLink({ href, variant = "secondary", size = "normal", icon: Icon, testid, children }: ButtonLinkProps) {
  return (
    <Link href={href} className="x-button" data-variant={variant} data-size={size} data-testid={testid}>
      {Icon && <Icon size={20} aria-hidden />}
      <span>{children}</span>
    </Link>
  );
}
