import { UserCheck } from "lucide-react";
import type { ConsultationDetail } from "@core/consultations";
import { dateTime, elapsed, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { Button } from "@ui/Button";
import { useSession } from "@ui/live";
import { languageOf } from "@ui/names";
import { useLocale } from "@ui/settings";
import { useNow } from "@ui/staff/useNow";
import { useIdentity } from "../people";
import { waitingSince } from "../queue/groups";
import { useClaim } from "../queue/useClaim";
import { useT } from "../words";
import { RiskBanner } from "./RiskBanner";

/** A patient nobody has taken yet: what they wrote, how long they wait, and the one thing to do. */
export function WaitingPane({ detail }: { detail: ConsultationDetail }) {
  const t = useT();
  const locale = useLocale();
  const identity = useIdentity();
  const now = useNow(30_000);
  const claim = useClaim();
  const mayTake = useSession().roles.includes("doctor");
  const since = waitingSince(detail) ?? parseTime(detail.opened_at);
  return (
    <section id="conversation" className="d-conversation d-pad" aria-labelledby="conv-h" data-region="[data-testid='d.conv.claim']" tabIndex={-1} data-testid="d.conv.waiting">
      <h2 id="conv-h">{identity(detail.patient)}</h2>
      <p className="secondary">
        {inLocale(detail.department.name, locale)} · {t("d.waiting.since", { time: elapsed(since, locale, now), at: dateTime(since, locale, now) })}
      </p>
      <RiskBanner flags={detail.red_flags} />
      <div className="card">
        <h3>{t("d.waiting.words")}</h3>
        <p className="own-words d-words" lang={languageOf(detail.complaint)}>
          {detail.complaint}
        </p>
      </div>
      {mayTake ? (
        <>
          <Button variant="primary" icon={UserCheck} pending={claim.isPending} onClick={() => claim.mutate(detail.id)} aria-keyshortcuts="Alt+G" data-testid="d.conv.claim">
            {t("d.claim")}
          </Button>
          <p className="secondary">{t("d.claim.hint")}</p>
        </>
      ) : (
        <p className="secondary">{t("d.claim.doctors")}</p>
      )}
    </section>
  );
}
