import { useQuery } from "@tanstack/react-query";
import { Activity, CircleCheck, CircleX } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { Chip } from "@ui/Chip";
import { useLocale } from "@ui/settings";
import { HealthSentence } from "@ui/staff/HealthSentence";
import { StaffShell } from "@ui/StaffShell";
import { Fetched } from "@ui/states";
import { Departments } from "./Departments";
import { ledgerHealth, readiness } from "./api";
import { useT } from "./words";
import "./admin.css";

export { words } from "./words";

const REFRESH_MS = 15_000;
const PARTS = {
  database: "a.part.database",
  "worker:default": "a.part.worker",
  "worker:transcription": "a.part.transcription",
  "worker:voice": "a.part.voice",
  beat: "a.part.beat",
  sequencer: "a.part.sequencer",
} as const;

/** What an administrator may see in this version: whether the system works, and whose cases take two people to open. Nothing of what
 * patients write is here. */
export default function AdminSurface() {
  const t = useT();
  return (
    <StaffShell title={t("a.title")} nav={[{ href: "/", label: t("a.title"), icon: Activity, testid: "a.nav.status" }]}>
      <div className="a-page">
        <p className="secondary">{t("a.note")}</p>
        <Ledger />
        <div className="a-columns">
          <Parts />
          <Departments />
        </div>
      </div>
    </StaffShell>
  );
}

function Ledger() {
  const t = useT();
  const locale = useLocale();
  const query = useQuery({ queryKey: ["integrity"], queryFn: ledgerHealth, refetchInterval: REFRESH_MS });
  return (
    <section className="a-section" aria-labelledby="ledger-h">
      <h2 id="ledger-h">{t("a.ledger")}</h2>
      <Fetched query={query} rows={1}>
        {({ ok, sentence, checkpoint, pending }) => (
          <>
            <HealthSentence ok={ok} words={inLocale(sentence, locale)} />
            {checkpoint && <p className="secondary">{t("a.ledger.checkpoint", { size: checkpoint.size, time: dateTime(parseTime(checkpoint.at), locale), pending })}</p>}
          </>
        )}
      </Fetched>
    </section>
  );
}

function Parts() {
  const t = useT();
  const query = useQuery({ queryKey: ["readiness"], queryFn: readiness, refetchInterval: REFRESH_MS });
  // A part that this page does not know yet is shown under its own name.
  const nameOf = (part: string) => (part in PARTS ? t(PARTS[part as keyof typeof PARTS]) : part);
  return (
    <section className="card a-section" aria-labelledby="parts-h">
      <h2 id="parts-h">{t("a.parts")}</h2>
      <Fetched query={query}>
        {({ ok, parts }) => (
          <>
            <p>{ok ? t("a.parts.ok") : t("a.parts.failing")}</p>
            <ul className="a-rows">
              {parts.map(([part, works]) => (
                <li key={part} data-testid="a.part" data-works={works}>
                  <span>{nameOf(part)}</span>
                  <Chip tone={works ? "ok" : "danger"} icon={works ? CircleCheck : CircleX}>
                    {works ? t("a.part.works") : t("a.part.fails")}
                  </Chip>
                </li>
              ))}
            </ul>
          </>
        )}
      </Fetched>
    </section>
  );
}
