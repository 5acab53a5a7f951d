import { Link } from "@ui/router";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { useLocale } from "@ui/settings";
import type { LedgerHealth } from "./api";
import { useT } from "./words";

const STEPS = ["keep", "tell", "find", "restore", "prove"] as const;

/** What is not well, each in words with its place; and, after a mismatch, what has happened by itself and what to do. */
export function Alerts({ health }: { health: LedgerHealth }) {
  const t = useT();
  const locale = useLocale();
  return (
    <section className="card stack" aria-labelledby="alerts-h" data-testid="c.integrity.alerts" data-count={health.alerts.length}>
      <h2 id="alerts-h">{t("c.alerts.title")}</h2>
      {health.alerts.length === 0 && <p>{t("c.alerts.none")}</p>}
      <ul className="c-alerts">
        {health.alerts.map((alert, i) => (
          <li key={i} data-testid="c.integrity.alert">
            <p>{inLocale(alert.message, locale)}</p>
            {alert.chain && <p className="secondary c-digest">{t("c.alerts.place", { seq: alert.seq ?? 0 })} <code>{alert.chain}</code></p>}
          </li>
        ))}
      </ul>
      {health.problems > 0 && <Mismatch health={health} />}
    </section>
  );
}

function Mismatch({ health }: { health: LedgerHealth }) {
  const t = useT();
  const locale = useLocale();
  const good = health.last_good_check ? dateTime(parseTime(health.last_good_check), locale) : null;
  return (
    <div className="stack" data-testid="c.integrity.mismatch">
      <p>{good ? t("c.mismatch.good", { time: good }) : t("c.mismatch.neverGood")}</p>
      <p>{t("c.mismatch.done")}</p>
      <h3>{t("c.mismatch.steps")}</h3>
      <ol className="c-steps">
        {STEPS.map((step) => (
          <li key={step}>{t(`c.mismatch.${step}`)}</li>
        ))}
      </ol>
      <p>
        <Link href="/search" className="c-inline-link">
          {t("c.mismatch.search")}
        </Link>
      </p>
    </div>
  );
}
