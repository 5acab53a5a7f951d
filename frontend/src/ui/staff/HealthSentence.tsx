import { ShieldCheck, ShieldX } from "lucide-react";
import "./health.css";

/** Whether the ledger is whole, in one sentence of the server's with its sign. */
export function HealthSentence({ ok, words }: { ok: boolean; words: string }) {
  const Icon = ok ? ShieldCheck : ShieldX;
  return (
    <p className="x-health" data-ok={ok} data-testid="c.integrity.sentence">
      <Icon size={20} aria-hidden />
      <span>{words}</span>
    </p>
  );
}
