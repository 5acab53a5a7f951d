import { Copy, PhoneCall } from "lucide-react";
import { Link } from "@ui/router";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import type { FollowUp } from "@core/recordings";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { copy } from "@ui/copy";
import { useSession } from "@ui/live";
import { useLocale } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { SafetyStrip } from "../panel/ChartSections";
import { useChart } from "../panel/useChart";
import { useIdentity } from "../people";
import { useT } from "../words";
import { useCallWords } from "./words";
import { Workbench } from "../Workbench";
import { TakeButton, useFollowUps } from "./FollowUpsPage";
import { CallDesk } from "./CallDesk";
import { Outcomes } from "./OutcomeForm";
import { RecordingJob } from "./RecordingJob";

/** One call: what to say first, whether the patient agreed, the recording, and how its transcription goes. */
export function RecordPage({ id }: { id: string }) {
  const t = useT();
  const identity = useIdentity();
  const all = useFollowUps();
  const followUp = all.data?.find((item) => item.id === id);
  return (
    <Workbench title={followUp ? t("d.call.title", { who: identity(followUp.patient) }) : t("d.nav.followups")}>
      <div className="d-page">
        <Fetched query={all}>{() => (followUp ? <Call followUp={followUp} /> : <EmptyState icon={PhoneCall} title={t("d.call.gone")} action={<Link href="/followups">{t("d.call.back")}</Link>} />)}</Fetched>
      </div>
    </Workbench>
  );
}

function Call({ followUp }: { followUp: FollowUp }) {
  const t = useT();
  const locale = useLocale();
  const newestFirst = [...followUp.recordings].reverse();
  return (
    <div className="d-record">
      <div className="d-record-sections">
        <p>
          <strong>{inLocale(followUp.title, locale)}</strong>
          <br />
          <span className="secondary">{t("d.call.due", { time: dateTime(parseTime(followUp.due_at), locale) })}</span>
        </p>
        <Caller followUp={followUp} />
        <Outcomes outcomes={followUp.outcomes} />
        {newestFirst.length > 0 && (
          <section className="stack" aria-labelledby="jobs-h">
            <h2 id="jobs-h">{t("d.followup.recordings")}</h2>
            {newestFirst.map((recording) => (
              <RecordingJob key={recording.id} id={recording.id} />
            ))}
          </section>
        )}
        <Reference id={followUp.id} />
      </div>
      {followUp.assigned_to !== null && <Beside followUp={followUp} />}
    </div>
  );
}

/** What whoever makes the call does next, and what others read instead. */
function Caller({ followUp }: { followUp: FollowUp }) {
  const t = useT();
  const me = useSession().person.id;
  if (followUp.assigned_to?.id === me) return <CallDesk key={followUp.id} followUp={followUp} />;
  if (followUp.assigned_to) return <p className="card">{t("d.call.another", { who: followUp.assigned_to.name })}</p>;
  return (
    <div className="card stack" data-testid="d.call.waits">
      <p>{t("d.call.waits")}</p>
      <TakeButton followUp={followUp} />
    </div>
  );
}

/** By which a telephone exchange names this call: for whoever dials with an account code, out of the way of everybody else. */
function Reference({ id }: { id: string }) {
  const w = useCallWords();
  return (
    <details className="d-ref" data-testid="d.call.ref">
      <summary>{w("fu.ref")}</summary>
      <p className="row">
        <code>{id}</code>
        <Button size="small" icon={Copy} onClick={() => void copy(id).then((done) => toast(w(done ? "fu.ref.copied" : "fu.ref.notCopied")))}>
          {w("fu.ref.copy")}
        </Button>
      </p>
    </details>
  );
}

/** What to know about the patient while on the telephone. */
function Beside({ followUp }: { followUp: FollowUp }) {
  const t = useT();
  const chart = useChart(followUp.patient.id);
  return (
    <aside className="stack" aria-label={t("d.call.patient")}>
      <h2>{t("d.call.patient")}</h2>
      <Fetched query={chart}>{(found) => <SafetyStrip chart={found} />}</Fetched>
      <Link href={`/patients/${followUp.patient.id}`}>{t("d.panel.chart")}</Link>
    </aside>
  );
}
