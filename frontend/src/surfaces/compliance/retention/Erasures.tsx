import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { FileCheck, Inbox, Printer } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { certificateOf, certificatePageOf } from "@core/rights";
import { Button } from "@ui/Button";
import { Chip, type Tone } from "@ui/Chip";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { isOfficer } from "../api";
import { useT } from "../words";
import { decideErasure, listErasures, type Erasure } from "./api";
import { ReasonDialog } from "./ReasonDialog";

const TONES: Record<Erasure["state"], Tone> = { waiting: "warn", sealed: "info", done: "ok", refused: "neutral" };

/** What patients want erased: to be decided, sealed until their day, or done with a certificate. */
export function Erasures() {
  const t = useT();
  const query = useQuery({ queryKey: ["keep", "erasures"], queryFn: listErasures });
  return (
    <div className="c-keep">
      <p className="secondary">{t("c.keep.erasures.what")}</p>
      <Fetched query={query} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={Inbox} title={t("c.keep.erasures.none")} />}>
        {(all) => (
          <ul className="c-grants">
            {all.map((one) => (
              <ErasureRow key={one.id} erasure={one} />
            ))}
          </ul>
        )}
      </Fetched>
    </div>
  );
}

function ErasureRow({ erasure }: { erasure: Erasure }) {
  const t = useT();
  const locale = useLocale();
  const officer = isOfficer(useSession().roles);
  const at = (time: string) => dateTime(parseTime(time), locale);
  return (
    <li className="c-grant" data-testid="c.keep.erasure" data-state={erasure.state}>
      <div>
        <p>
          <strong>{erasure.number}</strong> {erasure.patient}
        </p>
        <p className="secondary">{t("c.keep.erasure.asked", { time: at(erasure.asked_at) })}</p>
        {erasure.decided_by && (
          <p className="secondary">
            {fullName(erasure.decided_by, locale)} <span className="own-words">{erasure.reason}</span>
          </p>
        )}
        {erasure.state === "sealed" && erasure.sealed_until && <p>{t("c.keep.erasure.until", { time: at(erasure.sealed_until) })}</p>}
        {erasure.done_at && <p className="secondary">{t("c.keep.erasure.done", { time: at(erasure.done_at) })}</p>}
      </div>
      <div className="c-grant-side">
        <Chip tone={TONES[erasure.state]}>{t(`c.keep.erasure.state.${erasure.state}`)}</Chip>
        {erasure.state === "waiting" && officer && <Decide erasure={erasure} />}
        {erasure.state === "done" && (
          <>
            <a href={certificateOf(erasure.id)} download={`certificate-${erasure.number}.json`} className="row">
              <FileCheck size={16} aria-hidden /> {t("c.keep.erasure.certificate")}
            </a>
            <a href={certificatePageOf(erasure.id)} target="_blank" rel="noreferrer" className="row" data-testid="c.keep.erasure.print">
              <Printer size={16} aria-hidden /> {t("c.keep.erasure.print")}
            </a>
          </>
        )}
      </div>
    </li>
  );
}

function Decide({ erasure }: { erasure: Erasure }) {
  const t = useT();
  const [decision, setDecision] = useState<"grant" | "refuse" | null>(null);
  return (
    <>
      <Button size="small" variant="primary" onClick={() => setDecision("grant")} data-testid="c.keep.erasure.grant">
        {t("c.keep.erasure.grant")}
      </Button>
      <Button size="small" onClick={() => setDecision("refuse")} data-testid="c.keep.erasure.refuse">
        {t("c.keep.erasure.refuse")}
      </Button>
      {decision && (
        <ReasonDialog
          title={t(`c.keep.erasure.${decision}`)}
          what={t(`c.keep.erasure.what.${decision}`)}
          confirm={t(`c.keep.erasure.${decision}`)}
          label={t("c.keep.erasure.why")}
          danger={decision === "grant"}
          act={(reason) => decideErasure(erasure.id, { decision, reason })}
          onClose={() => setDecision(null)}
        />
      )}
    </>
  );
}
