import { CircleCheck, CircleQuestionMark, TriangleAlert, type LucideIcon } from "lucide-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import type { Receipt } from "@core/db";
import { dateTime } from "@core/format";
import { findInLedger, type Place } from "@core/ledgerProof";
import { checkReceipt, type LedgerKey, type Verdict } from "@core/receipts";
import { Button } from "@ui/Button";
import type { Tone } from "@ui/Chip";
import { Link } from "@ui/router";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { useT } from "../pages/words";
import "./receipts.css";

type Look = [Tone, LucideIcon];
const GOOD: Look = ["ok", CircleCheck];
const BAD: Look = ["danger", TriangleAlert];
const OPEN: Look = ["neutral", CircleQuestionMark];

const VERDICTS: Record<Verdict, Look> = { valid: GOOD, wrong: BAD, other_key: BAD, unsupported: OPEN };
const PLACES: Record<Place, Look> = { in: GOOD, waiting: OPEN, absent: BAD, other: BAD, wrong: BAD, unsupported: OPEN };

interface Props {
  kept: Receipt;
  keys: readonly LedgerKey[];
}

/** One receipt: when, in which conversation, whether its signature holds, and on demand whether the ledger has what it is for. */
export function ReceiptRow({ kept, keys }: Props) {
  const t = useT();
  const locale = useLocale();
  const names = keys.map((key) => key.id).join();
  const checked = useQuery({ queryKey: ["receipt", kept.client_id, names], queryFn: () => checkReceipt(kept.receipt, keys), staleTime: Infinity });
  const verdict = checked.data;
  return (
    <li className="card" data-testid="p.receipts.row" data-verdict={verdict}>
      <p>
        <time dateTime={new Date(kept.at).toISOString()}>{dateTime(kept.at, locale)}</time>{" "}
        <Link href={`/consultations/${kept.consultation}`}>{t("p.receipts.open")}</Link>
      </p>
      {verdict && <Said look={VERDICTS[verdict]} text={t(`p.receipts.verdict.${verdict}`)} />}
      {verdict === "valid" && typeof kept.seq === "number" && <InLedger kept={kept} keys={keys} />}
    </li>
  );
}

function InLedger({ kept, keys }: Props) {
  const t = useT();
  const asked = useMutation({ mutationFn: () => findInLedger(kept, keys) });
  const place = asked.data;
  return (
    <div role="status" data-testid="p.receipts.place" data-place={place}>
      {place && <Said look={PLACES[place]} text={t(`p.receipts.place.${place}`)} />}
      {asked.isError && <ErrorState error={codedFrom(asked.error)} onRetry={() => asked.mutate()} />}
      {(!place || place === "waiting") && !asked.isError && (
        <Button size="small" variant="quiet" pending={asked.isPending} onClick={() => asked.mutate()} data-testid="p.receipts.find">
          {t("p.receipts.find")}
        </Button>
      )}
    </div>
  );
}

/** What was found, in words; icon and colour only repeat it. */
function Said({ look: [tone, Icon], text }: { look: Look; text: string }) {
  return (
    <p className="p-said" data-tone={tone}>
      <Icon size={20} aria-hidden />
      <span>{text}</span>
    </p>
  );
}
