import { useState, type ComponentType } from "react";
import { ShieldAlert, ShieldCheck, ShieldEllipsis, ShieldX } from "lucide-react";
import { inLocale } from "@core/i18n";
import type { Bilingual } from "@core/protocol";
import type { Tone } from "./Chip";
import { Dialog } from "./Dialog";
import { useLocale } from "./settings";
import { useStaff, type StaffId } from "./staff/words";
import "./chip.css";
import "./integrity.css";

export type IntegrityState = "verified" | "pending" | "mismatch" | "unknown";

export interface Integrity {
  state: IntegrityState;
  /** What was found, in words. */
  sentence: Bilingual;
  /** What exactly was checked, each in words with its own result; null where it could not be checked. */
  checked: { name: string; ok: boolean | null; zh: string; en: string }[];
  entries: number;
  from: number | string | null;
  to: number | string | null;
  checkpoint: { size: number; at: string | number; root: string } | null;
}

const LOOK: Record<IntegrityState, [ComponentType<{ size?: number; "aria-hidden"?: boolean }>, Tone, StaffId]> = {
  verified: [ShieldCheck, "ok", "st.integrity.verified"],
  pending: [ShieldEllipsis, "neutral", "st.integrity.pending"],
  mismatch: [ShieldX, "danger", "st.integrity.mismatch"],
  unknown: [ShieldAlert, "warn", "st.integrity.unknown"],
};

/** Whether the record is what was sealed. With `detail` it opens and says in words what was checked. */
export function IntegrityBadge({ state, detail }: { state: IntegrityState; detail?: Integrity }) {
  const t = useStaff();
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
  const t = useStaff();
  return (
    <Dialog title={t("st.integrity.title")} onClose={onClose} testid="c.integrity.panel">
      <IntegrityDetail detail={detail} />
    </Dialog>
  );
}

const RESULT = {
  true: [ShieldCheck, "st.integrity.passed"],
  false: [ShieldX, "st.integrity.failed"],
  null: [ShieldEllipsis, "st.integrity.unchecked"],
} as const;

/** What was found and what was checked for it, in words. */
export function IntegrityDetail({ detail }: { detail: Integrity }) {
  const t = useStaff();
  const locale = useLocale();
  return (
    <>
      <p>{inLocale(detail.sentence, locale)}</p>
      <ul className="x-integrity-checks">
        {detail.checked.map((check) => {
          const [Icon, word] = RESULT[`${check.ok}`];
          return (
            <li key={check.name} data-ok={check.ok ?? "unknown"} data-testid="c.integrity.check">
              <Icon size={20} aria-hidden />
              <span>
                <strong>{t(word)}</strong> {inLocale(check, locale)}
              </span>
            </li>
          );
        })}
      </ul>
      {detail.checkpoint && (
        <p className="secondary x-integrity-root">
          {t("st.integrity.checkpoint", { size: detail.checkpoint.size })} <code>{detail.checkpoint.root}</code>
        </p>
      )}
    </>
  );
}
