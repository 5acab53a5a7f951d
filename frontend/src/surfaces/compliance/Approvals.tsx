import { Inbox } from "lucide-react";
import { useNow } from "@ui/staff/useNow";
import { EmptyState, Fetched } from "@ui/states";
import type { Grant } from "./api";
import { Alarms } from "./Glass";
import { Page, useForMe, useToDecide } from "./Page";
import { useT } from "./words";
import { Rows, Section } from "./Worklist";

const DECIDED_SHOWN = 20;

/** C-4: what others asked for. One's own requests are never here. */
export function Approvals() {
  const t = useT();
  const query = useToDecide();
  return (
    <Page title={t("c.approvals.title")}>
      <p className="secondary">{t("c.approvals.note")}</p>
      <Alarms />
      <Fetched query={query} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={Inbox} title={t("c.approvals.none")} />}>
        {(all) => <Inboxes all={all} />}
      </Fetched>
    </Page>
  );
}

function Inboxes({ all }: { all: readonly Grant[] }) {
  const t = useT();
  const now = useNow(30_000);
  const forMe = useForMe();
  const waiting = all.filter(forMe);
  const agreed = all.filter((grant) => grant.state === "waiting" && !forMe(grant));
  const running = all.filter((grant) => grant.state === "approved");
  const past = all.filter((grant) => grant.state !== "waiting" && grant.state !== "approved").slice(0, DECIDED_SHOWN);
  const rows = (grants: readonly Grant[]) => <Rows grants={grants} now={now} to={(grant) => `/approvals/${grant.id}`} testid="c.approvals.row" />;
  return (
    <>
      <Section title={t("c.approvals.waiting")} id="waiting" count={waiting.length}>
        {waiting.length > 0 ? rows(waiting) : <p className="secondary">{t("c.approvals.none")}</p>}
      </Section>
      {agreed.length > 0 && (
        <Section title={t("c.approvals.agreed")} id="agreed" count={agreed.length}>
          {rows(agreed)}
        </Section>
      )}
      {running.length > 0 && (
        <Section title={t("c.approvals.running")} id="running" count={running.length}>
          {rows(running)}
        </Section>
      )}
      {past.length > 0 && (
        <Section title={t("c.approvals.past")} id="past">
          {rows(past)}
        </Section>
      )}
    </>
  );
}
