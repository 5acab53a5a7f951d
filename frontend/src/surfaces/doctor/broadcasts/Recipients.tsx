import { useState } from "react";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { Chip, type Tone } from "@ui/Chip";
import { Select } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { Pager } from "@ui/staff/Pager";
import { Fetched } from "@ui/states";
import { useAbout } from "../people";
import { useT } from "../words";
import { STATES, useRecipients, type Broadcast, type Recipient, type RecipientState } from "./api";

const TONE: Record<RecipientState, Tone> = { waiting: "neutral", sent: "info", read: "ok", opted_out: "neutral", failed: "warn" };
type Shown = RecipientState | "all";

/** What became of it for each patient, in order of names, a page at a time. */
export function Recipients({ broadcast }: { broadcast: Broadcast }) {
  const t = useT();
  const [shown, setShown] = useState<Shown>("all");
  const [page, setPage] = useState(1);
  const found = useRecipients(broadcast.id, shown === "all" ? null : shown, page, broadcast.state === "sending");
  const choose = (next: Shown) => {
    setShown(next);
    setPage(1);
  };
  const options = (["all", ...STATES] as const).map((value) => ({ value, label: value === "all" ? t("d.recipients.all") : t(`d.recipient.${value}`) }));
  return (
    <section className="stack" aria-labelledby="recipients-h">
      <h2 id="recipients-h">{t("d.recipients")}</h2>
      <div className="d-narrow">
        <Select<Shown> label={t("d.recipients.show")} value={shown} options={options} onChange={choose} data-testid="d.recipients.show" />
      </div>
      <Fetched query={found} isEmpty={({ total }) => total === 0} empty={<p role="status">{t("d.recipients.none")}</p>}>
        {({ recipients, pages, total }) => (
          <>
            <Table recipients={recipients} stopped={broadcast.state === "stopped"} />
            <p className="secondary">{t("d.recipients.total", { total })}</p>
            <Pager page={Math.min(page, pages)} pages={pages} onPage={setPage} testid="d.recipients" />
          </>
        )}
      </Fetched>
    </section>
  );
}

function Table({ recipients, stopped }: { recipients: readonly Recipient[]; stopped: boolean }) {
  const t = useT();
  const about = useAbout();
  return (
    <table className="d-table d-recipients">
      <caption className="sr-only">{t("d.recipients")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("d.patients.name")}</th>
          <th scope="col">{t("d.patients.about")}</th>
          <th scope="col">{t("d.patients.tail")}</th>
          <th scope="col">{t("d.recipients.state")}</th>
          <th scope="col">{t("d.recipients.at")}</th>
        </tr>
      </thead>
      <tbody>
        {recipients.map((row) => (
          <tr key={row.patient.id} data-testid="d.recipient" data-state={row.state}>
            <th scope="row">{row.patient.name}</th>
            <td>{about(row.patient)}</td>
            <td className="tabular">{row.patient.mrn_tail}</td>
            <td>
              <State recipient={row} stopped={stopped} />
            </td>
            <td>
              <At at={row.at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function State({ recipient, stopped }: { recipient: Recipient; stopped: boolean }) {
  const t = useT();
  const locale = useLocale();
  const { state, failure } = recipient;
  return (
    <>
      <Chip tone={TONE[state]}>{state === "waiting" && stopped ? t("d.recipient.unsent") : t(`d.recipient.${state}`)}</Chip>
      {failure && <p className="secondary">{inLocale(failure.message, locale)}</p>}
    </>
  );
}

function At({ at }: { at: string | null }) {
  const locale = useLocale();
  return at ? <time dateTime={at}>{dateTime(parseTime(at), locale)}</time> : "—";
}
