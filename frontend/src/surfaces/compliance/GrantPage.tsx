import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FolderOpen, History } from "lucide-react";
import { Link, useLocation } from "@ui/router";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { TextArea } from "@ui/fields";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { useNow } from "@ui/staff/useNow";
import { ErrorState, Fetched } from "@ui/states";
import { remaining, remainingWords, TOLD_AFTER_DAYS } from "./access";
import { getGrant, revokeGrant, type Grant } from "./api";
import { Facts, GrantChip, useCaseFacts, useContents, useDays, useTermFacts } from "./Grants";
import { Reviewed } from "./Glass";
import { Marks } from "./Marks";
import { Notes } from "./Notes";
import { Page } from "./Page";
import { FirstOfTwo, TwoChip } from "./Second";
import { useT } from "./words";

const STATE_MS = 3_000;

/** One request as it stands now. A decision shows here within seconds. */
export const useGrant = (id: string) => useQuery({ queryKey: ["compliance", "grant", id], queryFn: () => getGrant(id), refetchInterval: STATE_MS, refetchIntervalInBackground: true });

/** A request I made: its state, its terms, and the way into the case once it is approved. */
export function GrantPage({ id }: { id: string }) {
  const t = useT();
  const query = useGrant(id);
  return (
    <Page title={t("c.grant.title", { number: query.data?.case.number ?? "" })}>
      <Fetched query={query}>{(grant) => <Standing grant={grant} />}</Fetched>
    </Page>
  );
}

function Standing({ grant }: { grant: Grant }) {
  const t = useT();
  const locale = useLocale();
  const now = useNow(10_000);
  const [, go] = useLocation();
  const left = remaining(grant, now);
  const mine = useSession().person.id === grant.requester.id;
  const caseFacts = useCaseFacts();
  const termFacts = useTermFacts();
  return (
    <>
      <section className="card c-standing" data-testid="c.grant.standing" data-state={grant.state}>
        <div className="row">
          <GrantChip state={grant.state} />
          <TwoChip grant={grant} />
          <Marks found={grant.case} annotations={grant.annotations} />
          <p>{t(`c.grant.says.${grant.state}`)}</p>
        </div>
        {grant.state === "approved" && (
          <div className="row">
            {mine && <Button variant="primary" icon={FolderOpen} onClick={() => go(`/grants/${grant.id}/case`)} data-testid="c.grant.open">
              {t("c.open")}
            </Button>}
            <span className="secondary">{t("c.left", { time: remainingWords(left, locale) })}</span>
            <Revoke grant={grant} />
          </div>
        )}
        <FirstOfTwo grant={grant} />
        <Decided grant={grant} />
        <Reviewed grant={grant} />
        {grant.decided_at && (
          <p>
            <Link href={`/log?number=${grant.case.number}`} className="c-inline-link">
              <History size={16} aria-hidden /> {t("c.grant.readings")}
            </Link>
          </p>
        )}
      </section>
      <div className="c-columns">
        <section className="card" aria-labelledby="case-h">
          <h2 id="case-h">{t("c.grant.case")}</h2>
          <Facts rows={caseFacts(grant.case)} />
          <Together grant={grant} />
        </section>
        <section className="card" aria-labelledby="terms-h">
          <h2 id="terms-h">{t("c.grant.terms")}</h2>
          <Facts rows={[...termFacts(grant), [t("c.grant.requester"), `${fullName(grant.requester, locale)} · ${dateTime(parseTime(grant.requested_at), locale)}`]]} />
          <AsAsked grant={grant} />
        </section>
        <Notes grant={grant} />
      </div>
    </>
  );
}

/** The other cases that were asked for with this one, each with its own way in. */
function Together({ grant }: { grant: Grant }) {
  const t = useT();
  if (grant.together.length === 0) return null;
  return (
    <>
      <h3>{t("c.grant.together")}</h3>
      <ul className="c-together">
        {grant.together.map((one) => (
          <li key={one.grant} className="row">
            <Link href={`/grants/${one.grant}`} className="c-inline-link">
              {one.number}
            </Link>
            <GrantChip state={one.state} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** What had been asked for, where less was approved. */
export function AsAsked({ grant }: { grant: Grant }) {
  const t = useT();
  const contents = useContents();
  const days = useDays();
  const { asked } = grant;
  if (!asked) return null;
  return (
    <p className="secondary" data-testid="c.grant.asked">
      {t("c.grant.askedFor")}: {contents(asked.content)} · {t("c.hours", { hours: asked.hours })} · {days(asked)} · {t(`c.request.tell.${asked.tell}`, { days: TOLD_AFTER_DAYS })}
    </p>
  );
}

/** Who decided what, when and why. */
export function Decided({ grant }: { grant: Grant }) {
  const t = useT();
  const locale = useLocale();
  if (!grant.approver || !grant.decided_at) return null;
  const time = dateTime(parseTime(grant.decided_at), locale);
  return (
    <>
      <p className="secondary">
        {t("c.grant.decided", { name: fullName(grant.approver, locale), time })} <span className="own-words">{grant.decision_reason}</span>
      </p>
      {grant.revocation_reason && (
        <p className="secondary">
          {t("c.grant.revokedBecause")} <span className="own-words">{grant.revocation_reason}</span>
        </p>
      )}
    </>
  );
}

/** Ends a grant before its time; whoever reads under it is shut out within seconds. */
export function Revoke({ grant }: { grant: Grant }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="danger" onClick={() => setOpen(true)} data-testid="c.revoke">
        {t("c.revoke")}
      </Button>
      {open && <RevokeDialog grant={grant} onClose={() => setOpen(false)} />}
    </>
  );
}

function RevokeDialog({ grant, onClose }: { grant: Grant; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [checked, setChecked] = useState(false);
  const revoking = useMutation({
    mutationFn: () => revokeGrant(grant.id, reason.trim()),
    onSuccess: (next) => {
      client.setQueryData(["compliance", "grant", grant.id], next);
      void client.invalidateQueries({ queryKey: ["compliance"], predicate: ({ queryKey }) => queryKey[1] === "mine" || queryKey[1] === "approve" });
      onClose();
    },
  });
  const confirm = () => {
    setChecked(true);
    if (reason.trim()) revoking.mutate();
  };
  return (
    <Dialog
      title={t("c.revoke.title", { number: grant.case.number })}
      onClose={onClose}
      testid="c.revoke.dialog"
      actions={
        <Button variant="danger" pending={revoking.isPending} onClick={confirm} data-testid="c.revoke.confirm">
          {t("c.revoke.confirm")}
        </Button>
      }
    >
      {revoking.isError && <ErrorState error={codedFrom(revoking.error)} />}
      <p>{t("c.revoke.what")}</p>
      <TextArea
        label={t("c.revoke.reason")}
        value={reason}
        maxLength={500}
        rows={2}
        onChange={(event) => setReason(event.target.value)}
        error={checked && !reason.trim() ? t("c.reason.missing") : null}
        data-testid="c.revoke.reason"
      />
    </Dialog>
  );
}
