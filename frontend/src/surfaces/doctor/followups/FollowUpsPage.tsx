import { useState } from "react";
import { ClipboardPlus, PhoneCall, UserCheck } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@ui/router";
import { dateTime, elapsed, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { getFollowUps, isRunning, type FollowUp } from "@core/recordings";
import { Button } from "@ui/Button";
import { Chip } from "@ui/Chip";
import { useLocale } from "@ui/settings";
import { useNow } from "@ui/staff/useNow";
import { EmptyState, Fetched } from "@ui/states";
import { useIdentity } from "../people";
import { useT } from "../words";
import { useCallWords } from "./words";
import { Workbench } from "../Workbench";
import { attempts, byDue, type DueGroup, type DueId } from "./due";
import { PlanDialog } from "./PlanDialog";
import { RecordingChip } from "./RecordingChip";
import { useTake } from "./useTake";

export function useFollowUps() {
  return useQuery({
    queryKey: ["followups"],
    queryFn: getFollowUps,
    refetchInterval: ({ state }) => (state.data?.some((item) => item.recordings.some((one) => isRunning(one.state))) ? 2_000 : 60_000),
  });
}

/** D-6: the calls to make, the overdue ones first. */
export function FollowUpsPage() {
  const t = useT();
  const [planning, setPlanning] = useState(false);
  const now = useNow(60_000);
  const plan = (
    <Button variant="primary" icon={ClipboardPlus} onClick={() => setPlanning(true)} data-testid="d.followup.plan">
      {t("d.followup.plan")}
    </Button>
  );
  return (
    <Workbench title={t("d.nav.followups")}>
      <div className="d-page">
        <div className="row d-page-head">
          <p className="secondary">{t("d.followups.what")}</p>
          {plan}
        </div>
        <Fetched query={useFollowUps()} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={PhoneCall} title={t("d.followups.none")} />}>
          {(all) => byDue(all, now).map((group) => <Group key={group.id} group={group} now={now} />)}
        </Fetched>
      </div>
      {planning && <PlanDialog patient={null} onDone={() => setPlanning(false)} />}
    </Workbench>
  );
}

function Group({ group, now }: { group: DueGroup; now: number }) {
  const t = useT();
  const w = useCallWords();
  if (group.items.length === 0) return null;
  return (
    <section className="d-due" aria-labelledby={`due-${group.id}`} data-testid={`d.followups.${group.id}`}>
      <h2 id={`due-${group.id}`}>
        {group.id === "exceptions" ? w("fu.due.exceptions") : t(`d.due.${group.id}`)} <span className="secondary">{group.items.length}</span>
      </h2>
      <ul className="d-cards">
        {group.items.map((item) => (
          <Row key={item.id} item={item} due={group.id} now={now} />
        ))}
      </ul>
    </section>
  );
}

export function TakeButton({ followUp }: { followUp: FollowUp }) {
  const t = useT();
  const taking = useTake();
  return (
    <Button icon={UserCheck} pending={taking.isPending} onClick={() => taking.mutate(followUp.id)} data-testid="d.followup.take">
      {t("d.followup.take")}
    </Button>
  );
}

/** What came of the last call, where that decides what to do next. */
function LastCall({ item }: { item: FollowUp }) {
  const w = useCallWords();
  const last = item.outcomes.at(-1);
  const missed = attempts(item);
  if (missed > 0) return <Chip tone="warn">{w("fu.attempts", { count: missed })}</Chip>;
  if (!last || last.outcome === "done") return null;
  return (
    <>
      <Chip tone={last.outcome === "needs_doctor" ? "danger" : "warn"}>{w(`fu.outcome.${last.outcome}`)}</Chip>
      {last.note && <span className="own-words d-call-note">{last.note}</span>}
    </>
  );
}

function Row({ item, due, now }: { item: FollowUp; due: DueId; now: number }) {
  const t = useT();
  const locale = useLocale();
  const identity = useIdentity();
  const at = parseTime(item.due_at);
  return (
    <li className="card d-call" data-testid="d.followup.row" data-state={item.state} data-due={due}>
      <div className="d-call-who">
        <Link href={`/followups/${item.id}`}>
          <strong>{identity(item.patient)}</strong>
        </Link>
        <span>{inLocale(item.title, locale)}</span>
      </div>
      <div className="d-call-when">
        {due === "overdue" && <Chip tone="danger">{t("d.due.since", { time: elapsed(at, locale, now) })}</Chip>}
        <LastCall item={item} />
        <time className="secondary" dateTime={item.due_at}>
          {dateTime(at, locale, now)}
        </time>
        {item.assigned_to === null && <TakeButton followUp={item} />}
      </div>
      {item.recordings.length > 0 && (
        <ul className="row d-call-recordings" aria-label={t("d.followup.recordings")}>
          {item.recordings.map((recording) => (
            <li key={recording.id} className="row">
              <RecordingChip recording={recording} />
              <Link href={`/recordings/${recording.id}`}>{t("d.timeline.recording")}</Link>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
