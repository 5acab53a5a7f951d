import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { Button } from "@ui/Button";
import { useLocale } from "@ui/settings";
import { HealthSentence } from "@ui/staff/HealthSentence";
import { Fetched } from "@ui/states";
import { Alerts } from "./Alerts";
import { ledgerHealth, type LedgerHealth } from "./api";
import { Facts } from "./Grants";
import { Page } from "./Page";
import { VerifyFile } from "./VerifyFile";
import { useT } from "./words";

const REFRESH_MS = 15_000;

/** C-7: is the whole ledger as it was written, and by what does a stranger check it. */
export function IntegrityCentre() {
  const t = useT();
  const query = useQuery({ queryKey: ["integrity"], queryFn: ledgerHealth, refetchInterval: REFRESH_MS });
  return (
    <Page
      title={t("c.integrity.title")}
      actions={
        <Button icon={RefreshCw} pending={query.isRefetching} onClick={() => void query.refetch()} data-testid="c.integrity.refresh">
          {t("c.integrity.refresh")}
        </Button>
      }
    >
      <Fetched query={query}>{(health) => <Health health={health} />}</Fetched>
    </Page>
  );
}

function Health({ health }: { health: LedgerHealth }) {
  const t = useT();
  const locale = useLocale();
  const { checkpoint } = health;
  const time = (at: string) => dateTime(parseTime(at), locale);
  return (
    <>
      <HealthSentence ok={health.ok} words={inLocale(health.sentence, locale)} />
      <div className="c-columns">
        <section className="card" aria-labelledby="checkpoint-h" data-testid="c.integrity.checkpoint">
          <h2 id="checkpoint-h">{t("c.integrity.checkpoint")}</h2>
          <p className="secondary">{t("c.integrity.checkpoint.what")}</p>
          {checkpoint ? (
            <Facts
              rows={[
                [t("c.integrity.size"), t("c.integrity.entries", { size: checkpoint.size })],
                [t("c.integrity.at"), time(checkpoint.at)],
                [t("c.integrity.root"), <code key="root">{checkpoint.root}</code>],
              ]}
            />
          ) : (
            <p>{t("c.integrity.noCheckpoint")}</p>
          )}
          <Facts
            rows={[
              [t("c.integrity.pending"), t("c.integrity.pending.count", { count: health.pending })],
              [t("c.integrity.lastCheck"), health.last_full_check ? time(health.last_full_check) : t("c.integrity.never")],
              [t("c.integrity.share"), health.checked_share === null ? t("c.none") : percent(health.checked_share, locale)],
            ]}
          />
        </section>
        <Outside health={health} />
        <Alerts health={health} />
        <VerifyFile publicKey={health.public_key} />
        <section className="card" aria-labelledby="key-h">
          <h2 id="key-h">{t("c.integrity.key")}</h2>
          <p className="secondary">{t("c.integrity.key.what")}</p>
          <code className="c-command" data-testid="c.integrity.key">
            {health.public_key}
          </code>
        </section>
      </div>
    </>
  );
}

const percent = (share: number, locale: string) => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(Math.floor(share * 1000) / 1000);

/** Who outside this hospital vouches for the ledger, and how far. */
function Outside({ health }: { health: LedgerHealth }) {
  const t = useT();
  const locale = useLocale();
  const far = ({ size, at, late }: { size: number | null; at: string | null; late: boolean }) =>
    size === null || at === null ? t("c.outside.never") : t(late ? "c.outside.late" : "c.outside.upto", { size, time: dateTime(parseTime(at), locale) });
  const stamp = health.time_stamp;
  return (
    <section className="card" aria-labelledby="outside-h" data-testid="c.integrity.outside">
      <h2 id="outside-h">{t("c.outside.title")}</h2>
      <p className="secondary">{t("c.outside.what")}</p>
      {health.witnesses.length === 0 && <p>{t("c.outside.noWitness")}</p>}
      <Facts rows={[...health.witnesses.map((one): [string, string] => [one.name, far(one)]), [t("c.outside.stamp"), stamp ? far(stamp) : t("c.outside.noStamp")]]} />
    </section>
  );
}
