import type { ComponentType, ReactNode } from "react";
import { Clock3, MessageSquareText, Siren, TriangleAlert } from "lucide-react";
import { useUi, type UiId } from "./words";
import "./chip.css";

export type Tone = "neutral" | "info" | "ok" | "warn" | "danger";
type IconType = ComponentType<{ size?: number; "aria-hidden"?: boolean }>;

/** A short state in words; the colour only repeats what the words say. */
export function Chip({ tone = "neutral", icon: Icon, children, ...rest }: { tone?: Tone; icon?: IconType; children: ReactNode } & React.HTMLAttributes<HTMLSpanElement>) {
  return (
    <span {...rest} className="x-chip" data-tone={tone}>
      {Icon && <Icon size={16} aria-hidden />}
      {children}
    </span>
  );
}

export type Triage = "T1" | "T2" | "T3" | "T4";

const TRIAGE: Record<Triage, [IconType, UiId]> = {
  T1: [Siren, "ui.triage.T1"],
  T2: [TriangleAlert, "ui.triage.T2"],
  T3: [Clock3, "ui.triage.T3"],
  T4: [MessageSquareText, "ui.triage.T4"],
};

/** Icon, code and word together. Online routing, not a clinical grade. */
export function TriageChip({ level }: { level: Triage }) {
  const t = useUi();
  const [Icon, word] = TRIAGE[level];
  return (
    <span className="x-chip" data-triage={level}>
      <Icon size={16} aria-hidden />
      {level} {t(word)}
    </span>
  );
}

/** How many are unread; nothing at all when none is. */
export function CountBadge({ count, label }: { count: number; label: string }) {
  if (count <= 0) return null;
  return (
    <span className="x-count">
      <span aria-hidden>{count > 99 ? "99+" : count}</span>
      <span className="sr-only">{label}</span>
    </span>
  );
}
