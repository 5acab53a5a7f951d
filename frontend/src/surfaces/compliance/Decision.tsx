import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { useLocation } from "@ui/router";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { TextArea, TextField } from "@ui/fields";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { ErrorState, Fetched } from "@ui/states";
import { hoursAreValid } from "./access";
import { decideGrant, type Decision, type Grant } from "./api";
import { Facts, GrantChip, useCaseFacts, useTermFacts } from "./Grants";
import { Decided, Revoke, useGrant } from "./GrantPage";
import { Hints } from "./Hints";
import { Page } from "./Page";
import { useT } from "./words";

/** C-4: one request, everything its decision needs on one page. */
export function DecisionPage({ id }: { id: string }) {
  const t = useT();
  const query = useGrant(id);
  return (
    <Page title={t("c.decision.title", { number: query.data?.case.number ?? "" })}>
      <Fetched query={query}>{(grant) => <Request grant={grant} />}</Fetched>
    </Page>
  );
}

function Request({ grant }: { grant: Grant }) {
  const t = useT();
  const locale = useLocale();
  const caseFacts = useCaseFacts();
  const termFacts = useTermFacts();
  const asked = dateTime(parseTime(grant.requested_at), locale);
  return (
    <div className="c-columns">
      <section className="card" aria-labelledby="asked-h">
        <h2 id="asked-h">{t("c.decision.asked")}</h2>
        <p className="row">
          <GrantChip state={grant.state} />
          <span className="secondary">{t("c.decision.by", { name: fullName(grant.requester, locale), time: asked })}</span>
        </p>
        <Facts rows={[...termFacts(grant), ...caseFacts(grant.case)]} />
        <Hints grant={grant} />
      </section>
      <Verdict grant={grant} />
    </div>
  );
}

/** The decision to make, or the one that was made. */
function Verdict({ grant }: { grant: Grant }) {
  const t = useT();
  const me = useSession().person.id;
  return (
    <section className="card stack" aria-labelledby="verdict-h">
      <h2 id="verdict-h">{t("c.decision.decide")}</h2>
      {grant.state !== "waiting" && <p>{t(`c.grant.says.${grant.state}`)}</p>}
      <Decided grant={grant} />
      {grant.state === "approved" && (
        <div className="row">
          <Revoke grant={grant} />
        </div>
      )}
      {grant.state === "waiting" && (grant.requester.id === me ? <p>{t("c.decision.own")}</p> : <DecideForm grant={grant} />)}
    </section>
  );
}

function useDecide(grant: Grant) {
  const t = useT();
  const client = useQueryClient();
  const [, go] = useLocation();
  return useMutation({
    mutationFn: (decision: Decision) => decideGrant(grant.id, decision),
    onSuccess: (next) => {
      client.setQueryData(["compliance", "grant", grant.id], next);
      void client.invalidateQueries({ queryKey: ["compliance", "approve"] });
      announce(t(`c.grant.says.${next.state}`));
      go("/approvals");
    },
  });
}

/** Approve, approve for less time, or reject; the words of it stand in the ledger. */
function DecideForm({ grant }: { grant: Grant }) {
  const t = useT();
  const [hours, setHours] = useState(String(grant.hours));
  const [reason, setReason] = useState("");
  const [verdict, setVerdict] = useState<"approve" | "reject" | null>(null);
  const agreed = t("c.decision.agreed");
  const deciding = useDecide(grant);
  const hoursOk = hoursAreValid(hours, grant.hours);
  const decide = (decision: "approve" | "reject") => {
    setVerdict(decision);
    if (decision === "reject") {
      if (!reason.trim()) return announce(t("c.decision.incomplete"), "assertive");
      return deciding.mutate({ decision, reason: reason.trim() });
    }
    if (!hoursOk) return announce(t("c.decision.incomplete"), "assertive");
    deciding.mutate({ decision, reason: reason.trim() || agreed, hours: Number(hours) });
  };
  return (
    <form className="stack" noValidate onSubmit={(event) => event.preventDefault()}>
      {deciding.isError && <ErrorState error={codedFrom(deciding.error)} />}
      <TextField
        label={t("c.decision.hours")}
        hint={t("c.decision.hours.hint", { hours: grant.hours })}
        type="number"
        inputMode="numeric"
        min={1}
        max={grant.hours}
        value={hours}
        onChange={(event) => setHours(event.target.value)}
        error={verdict === "approve" && !hoursOk ? t("c.decision.hours.problem", { hours: grant.hours }) : null}
        data-testid="c.approve.hours"
      />
      <TextArea
        label={t("c.decision.reason")}
        hint={t("c.decision.reason.hint", { words: agreed })}
        value={reason}
        maxLength={500}
        rows={3}
        onChange={(event) => setReason(event.target.value)}
        error={verdict === "reject" && !reason.trim() ? t("c.reason.missing") : null}
        data-testid="c.approve.reason"
      />
      <div className="row">
        <Button variant="primary" icon={Check} pending={deciding.isPending} onClick={() => decide("approve")} data-testid="c.approve.approve">
          {hoursOk && Number(hours) < grant.hours ? t("c.decision.narrow") : t("c.decision.approve")}
        </Button>
        <Button variant="danger" icon={X} aria-disabled={deciding.isPending} onClick={() => !deciding.isPending && decide("reject")} data-testid="c.approve.reject">
          {t("c.decision.reject")}
        </Button>
      </div>
    </form>
  );
}
