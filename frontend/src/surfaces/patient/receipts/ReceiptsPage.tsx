import { useState } from "react";
import { Download, FileCheck } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import type { Receipt } from "@core/db";
import { getLedgerKeys, keptReceipts, type KnownKeys, type LedgerKey } from "@core/receipts";
import { Button } from "@ui/Button";
import { useSession } from "@ui/live";
import { PatientShell } from "@ui/PatientShell";
import { EmptyState, Fetched } from "@ui/states";
import { useNav } from "../nav";
import { useT } from "../pages/words";
import { ReceiptRow } from "./ReceiptRow";

/** How many are shown and checked; all are saved to a file. */
const SHOWN = 30;

/** What the hospital signed for: every receipt that this browser keeps, checked here. */
export default function ReceiptsPage() {
  const t = useT();
  const { person } = useSession();
  const kept = useQuery({ queryKey: ["receipts", person.id], queryFn: () => keptReceipts(person.id, Infinity) });
  const keys = useQuery({ queryKey: ["ledger-keys"], queryFn: getLedgerKeys });
  return (
    <PatientShell title={t("p.receipts.title")} back="/me" nav={useNav()}>
      <p>{t("p.receipts.what")}</p>
      <Fetched query={kept} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={FileCheck} title={t("p.receipts.empty")} />}>
        {(all) => <Fetched query={keys}>{(known) => <Receipts all={all} known={known} />}</Fetched>}
      </Fetched>
    </PatientShell>
  );
}

function Receipts({ all, known }: { all: readonly Receipt[]; known: KnownKeys }) {
  const t = useT();
  const changed = known.current.id !== known.first.id;
  const keys: LedgerKey[] = changed ? [known.current, known.first] : [known.current];
  return (
    <>
      {changed && (
        <p className="card" role="alert" data-testid="p.receipts.changed">
          {t("p.receipts.changed", { old: known.first.id, now: known.current.id })}
        </p>
      )}
      <ol className="stack" data-testid="p.receipts.list">
        {all.slice(0, SHOWN).map((one) => (
          <ReceiptRow key={one.client_id} kept={one} keys={keys} />
        ))}
      </ol>
      {all.length > SHOWN && <p className="secondary">{t("p.receipts.more", { shown: SHOWN, count: all.length })}</p>}
      <Save all={all} known={known} />
      <p className="meta">{t("p.receipts.key", { name: known.current.name, id: known.current.id })}</p>
    </>
  );
}

/** A file for somebody else to check: a lawyer, a court, another hospital. */
function Save({ all, known }: { all: readonly Receipt[]; known: KnownKeys }) {
  const t = useT();
  const [saved, setSaved] = useState(false);
  const save = () => {
    const receipts = all.map(({ consultation, seq, at, receipt }) => ({ consultation, seq: seq ?? null, kept_at: at, receipt }));
    const file = new Blob([JSON.stringify({ key: known.current.text, receipts }, null, 1)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "xinqiao-receipts.json";
    link.click();
    URL.revokeObjectURL(link.href);
    setSaved(true);
  };
  return (
    <p>
      <Button icon={Download} onClick={save} data-testid="p.receipts.save">
        {t("p.receipts.save")}
      </Button>
      <span role="status">{saved && t("p.receipts.saved")}</span>
    </p>
  );
}
