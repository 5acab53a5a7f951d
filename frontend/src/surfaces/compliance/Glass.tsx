import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Siren } from "lucide-react";
import { useLocation } from "@ui/router";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { RadioGroup, TextArea } from "@ui/fields";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { useNow } from "@ui/staff/useNow";
import { ErrorState } from "@ui/states";
import { REASON_MAX, REASON_MIN, reasonIsLongEnough } from "./access";
import { breakGlass, isApprover, isOfficer, listEmergencies, reviewGrant, type Case, type Finding, type Grant } from "./api";
import { GrantRow } from "./Grants";
import { useT } from "./words";

const ALARM_MS = 15_000;
const FINDINGS: readonly Finding[] = ["justified", "unjustified"];

export function useEmergencies() {
  const { roles } = useSession();
  return useQuery({ queryKey: ["compliance", "emergencies"], queryFn: listEmergencies, refetchInterval: ALARM_MS, enabled: isApprover(roles) || isOfficer(roles) });
}

/** Every broken glass that nobody has reviewed: it stays here until somebody does. */
export function Alarms() {
  const t = useT();
  const now = useNow(30_000);
  const decides = isApprover(useSession().roles);
  const open = useEmergencies().data ?? [];
  if (open.length === 0) return null;
  return (
    <section className="card c-alarms" role="alert" aria-labelledby="alarms-h" data-testid="c.alarms">
      <h2 id="alarms-h">
        <Siren size={20} aria-hidden /> {t("c.glass.alarms")}
      </h2>
      <p>{t(decides ? "c.glass.alarms.review" : "c.glass.alarms.own")}</p>
      <ul className="c-grants">
        {open.map((grant) => (
          <GrantRow key={grant.id} grant={grant} href={decides ? `/approvals/${grant.id}` : `/grants/${grant.id}`} now={now} testid="c.alarms.row" action={grant.overdue && <strong>{t("c.glass.overdue")}</strong>} />
        ))}
      </ul>
    </section>
  );
}

/** The way in for one case when there is no time to wait: a warning page first. */
export function BreakGlass({ found }: { found: Case }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <section className="card stack" aria-labelledby="glass-h">
      <h2 id="glass-h">{t("c.glass.title")}</h2>
      <p className="secondary">{t("c.glass.when")}</p>
      <div className="row">
        <Button variant="danger" icon={Siren} onClick={() => setOpen(true)} data-testid="c.glass.open">
          {t("c.glass.open")}
        </Button>
      </div>
      {open && <Warning found={found} onClose={() => setOpen(false)} />}
    </section>
  );
}

function Warning({ found, onClose }: { found: Case; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [reason, setReason] = useState("");
  const [checked, setChecked] = useState(false);
  const breaking = useMutation({
    mutationFn: () => breakGlass(found.id, reason.trim()),
    onSuccess: (grant) => {
      void client.invalidateQueries({ queryKey: ["compliance", "emergencies"] });
      announce(t("c.glass.opened"));
      go(`/grants/${grant.id}/case`);
    },
  });
  const confirm = () => {
    setChecked(true);
    if (reasonIsLongEnough(reason)) breaking.mutate();
  };
  return (
    <Dialog
      title={t("c.glass.warning", { number: found.number })}
      onClose={onClose}
      testid="c.glass.dialog"
      actions={
        <Button variant="danger" pending={breaking.isPending} onClick={confirm} data-testid="c.glass.confirm">
          {t("c.glass.confirm")}
        </Button>
      }
    >
      {breaking.isError && <ErrorState error={codedFrom(breaking.error)} />}
      <p>{t("c.glass.what")}</p>
      <TextArea
        label={t("c.request.reason")}
        hint={t("c.request.reason.hint", { min: REASON_MIN })}
        value={reason}
        maxLength={REASON_MAX}
        rows={3}
        onChange={(event) => setReason(event.target.value)}
        error={checked && !reasonIsLongEnough(reason) ? t("c.request.problem.reason", { min: REASON_MIN }) : null}
        data-testid="c.glass.reason"
      />
    </Dialog>
  );
}

/** What a second person found, or the form for it. */
export function Reviewed({ grant }: { grant: Grant }) {
  const t = useT();
  const locale = useLocale();
  const me = useSession();
  if (!grant.urgent) return null;
  if (grant.review) {
    const { finding, reviewer, at, text } = grant.review;
    return (
      <p data-testid="c.glass.finding" data-finding={finding}>
        {t(`c.glass.found.${finding}`, { name: fullName(reviewer, locale), time: dateTime(parseTime(at), locale) })} <span className="own-words">{text}</span>
      </p>
    );
  }
  if (!isApprover(me.roles) || me.person.id === grant.requester.id) return <p>{t("c.glass.unreviewed")}</p>;
  return <ReviewForm grant={grant} />;
}

function ReviewForm({ grant }: { grant: Grant }) {
  const t = useT();
  const client = useQueryClient();
  const [finding, setFinding] = useState<Finding | null>(null);
  const [text, setText] = useState("");
  const [checked, setChecked] = useState(false);
  const reviewing = useMutation({
    mutationFn: (found: Finding) => reviewGrant(grant.id, found, text.trim()),
    onSuccess: (next) => {
      client.setQueryData(["compliance", "grant", grant.id], next);
      void client.invalidateQueries({ queryKey: ["compliance", "emergencies"] });
    },
  });
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (finding && text.trim()) reviewing.mutate(finding);
  };
  return (
    <form className="stack" noValidate onSubmit={submit}>
      {reviewing.isError && <ErrorState error={codedFrom(reviewing.error)} />}
      <RadioGroup
        label={t("c.glass.finding")}
        value={finding}
        options={FINDINGS.map((one) => ({ value: one, label: t(`c.glass.finding.${one}`) }))}
        onChange={setFinding}
        error={checked && !finding ? t("c.glass.finding.missing") : null}
        testid="c.glass.findings"
      />
      <TextArea label={t("c.decision.reason")} value={text} maxLength={500} rows={3} onChange={(event) => setText(event.target.value)} error={checked && !text.trim() ? t("c.reason.missing") : null} data-testid="c.glass.text" />
      <div className="row">
        <Button type="submit" variant="primary" pending={reviewing.isPending} data-testid="c.glass.review">
          {t("c.glass.review")}
        </Button>
      </div>
    </form>
  );
}
