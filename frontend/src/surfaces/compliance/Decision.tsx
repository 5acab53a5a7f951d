import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Undo2, X } from "lucide-react";
import { useLocation } from "@ui/router";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { TextArea } from "@ui/fields";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { ErrorState, Fetched } from "@ui/states";
import { decideGrant, type Decision, type Grant } from "./api";
import { Facts, GrantChip, useCaseFacts, useTermFacts } from "./Grants";
import { AsAsked, Decided, Revoke, useGrant } from "./GrantPage";
import { Reviewed } from "./Glass";
import { Hints } from "./Hints";
import { asAsked, isNarrower, isUsable, Narrow, narrowedTo } from "./Narrow";
import { Notes } from "./Notes";
import { Page } from "./Page";
import { FirstOfTwo, TwoChip } from "./Second";
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
          <TwoChip grant={grant} />
          <span className="secondary">{t("c.decision.by", { name: fullName(grant.requester, locale), time: asked })}</span>
        </p>
        <Facts rows={[...termFacts(grant), ...caseFacts(grant.case)]} />
        <AsAsked grant={grant} />
        {grant.together.length > 0 && <Facts rows={[[t("c.grant.together"), grant.together.map((one) => one.number).join(" · ")]]} />}
        <Hints grant={grant} />
      </section>
      <Verdict grant={grant} />
      <Notes grant={grant} />
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
      <FirstOfTwo grant={grant} />
      <Decided grant={grant} />
      <Reviewed grant={grant} />
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
      announce(next.state === "waiting" ? t("c.second.mine") : t(`c.grant.says.${next.state}`));
      go("/approvals");
    },
  });
}

type Said = Decision["decision"];

/** Approve, approve less, return for detail, or reject; the words of it stand in the ledger. */
function DecideForm({ grant }: { grant: Grant }) {
  const t = useT();
  const [left, setLeft] = useState(() => asAsked(grant));
  const [reason, setReason] = useState("");
  const [said, setSaid] = useState<Said | null>(null);
  const agreed = t("c.decision.agreed");
  const deciding = useDecide(grant);
  const usable = isUsable(left, grant);
  const agreedAlready = useSession().person.id === grant.first?.approver.id;
  const decide = (decision: Said) => {
    setSaid(decision);
    if (decision === "approve" ? !usable : !reason.trim()) return announce(t("c.decision.incomplete"), "assertive");
    const terms = decision === "approve" ? narrowedTo(left, grant) : { tell_now: false };
    deciding.mutate({ decision, reason: reason.trim() || agreed, ...terms });
  };
  return (
    <form className="stack" noValidate onSubmit={(event) => event.preventDefault()}>
      {deciding.isError && <ErrorState error={codedFrom(deciding.error)} />}
      {agreedAlready ? <p>{t("c.second.mine")}</p> : <Narrow grant={grant} left={left} checked={said === "approve"} onChange={(part) => setLeft({ ...left, ...part })} />}
      <TextArea
        label={t("c.decision.reason")}
        hint={t("c.decision.reason.hint", { words: agreed })}
        value={reason}
        maxLength={500}
        rows={3}
        onChange={(event) => setReason(event.target.value)}
        error={said !== null && said !== "approve" && !reason.trim() ? t("c.reason.missing") : null}
        data-testid="c.approve.reason"
      />
      <div className="row">
        {!agreedAlready && (
          <Button variant="primary" icon={Check} pending={deciding.isPending} onClick={() => decide("approve")} data-testid="c.approve.approve">
            {usable && isNarrower(left, grant) ? t("c.decision.narrow") : t("c.decision.approve")}
          </Button>
        )}
        <Button icon={Undo2} aria-disabled={deciding.isPending} onClick={() => !deciding.isPending && decide("return")} data-testid="c.approve.return">
          {t("c.decision.return")}
        </Button>
        <Button variant="danger" icon={X} aria-disabled={deciding.isPending} onClick={() => !deciding.isPending && decide("reject")} data-testid="c.approve.reject">
          {t("c.decision.reject")}
        </Button>
      </div>
    </form>
  );
}
