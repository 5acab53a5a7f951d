import { useState, type ComponentType } from "react";
import { ShieldAlert, ShieldCheck, ShieldEllipsis, ShieldX } from "lucide-react";
import { inLocale } from "@core/i18n";
import type { Bilingual } from "@core/protocol";
import type { Tone } from "./Chip";
import { Dialog } from "./Dialog";
import { useLocale } from "./settings";
import { useUi, type UiId } from "./words";
import "./chip.css";
import "./integrity.css";

export type IntegrityState = "verified" | "pending" | "mismatch" | "unknown";

export interface Integrity {
  state: IntegrityState;
  /** What was found, in words. */
  sentence: Bilingual;
  /** What exactly was checked, each in words with its own result. */
  checked: { name: string; ok: boolean; zh: string; en: string }[];
  entries: number;
  from: number | string | null;
  to: number | string | null;
  checkpoint: { size: number; at: string | number; root: string } | null;
}

const LOOK: Record<IntegrityState, [ComponentType<{ size?: number; "aria-hidden"?: boolean }>, Tone, UiId]> = {
  verified: [ShieldCheck, "ok", "ui.integrity.verified"],
  pending: [ShieldEllipsis, "neutral", "ui.integrity.pending"],
  mismatch: [ShieldX, "danger", "ui.integrity.mismatch"],
  unknown: [ShieldAlert, "warn", "ui.integrity.unknown"],
};

/** Whether the record is what was sealed. With `detail` it opens and says in words what was checked. */
export function IntegrityBadge({ state, detail }: { state: IntegrityState; detail?: Integrity }) {
  const t = useUi();
  const [open, setOpen] = useState(false);
  const [Icon, tone, word] = LOOK[state];
  const content = (
    <>
      <Icon size={16} aria-hidden />
      {t(word)}
    </>
  );
  const hooks = { className: "x-chip x-integrity", "data-tone": tone, "data-integrity": state, "data-testid": "c.badge.integrity" };
  if (!detail) return <span {...hooks}>{content}</span>;
  return (
    <>
      <button type="button" {...hooks} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {content}
      </button>
      {open && <IntegrityPanel detail={detail} onClose={() => setOpen(false)} />}
    </>
  );
}

function IntegrityPanel({ detail, onClose }: { detail: Integrity; onClose: () => void }) {
  const t = useUi();
  const locale = useLocale();
  return (
    <Dialog title={t("ui.integrity.title")} onClose={onClose} testid="c.integrity.panel">
      <p>{inLocale(detail.sentence, locale)}</p>
      <ul className="x-integrity-checks">
        {detail.checked.map((check) => (
          <li key={check.name} data-ok={check.ok}>
            {check.ok ? <ShieldCheck size={20} aria-hidden /> : <ShieldX size={20} aria-hidden />}
            <span>
              <strong>{check.ok ? t("ui.integrity.passed") : t("ui.integrity.failed")}</strong> {inLocale(check, locale)}
            </span>
          </li>
        ))}
      </ul>
      {detail.checkpoint && (
        <p className="secondary x-integrity-root">
          {t("ui.integrity.checkpoint", { size: detail.checkpoint.size })} <code>{detail.checkpoint.root}</code>
        </p>
      )}
    </Dialog>
  );
}
