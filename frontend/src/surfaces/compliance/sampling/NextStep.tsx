import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, PenLine, X } from "lucide-react";
import { codedFrom } from "@core/errors";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { TextField } from "@ui/fields";
import { useSession } from "@ui/live";
import { ErrorState } from "@ui/states";
import { isApprover } from "../api";
import { closeSample, decideSample, joinSample, SAMPLES, signSample, type Sample } from "./api";
import { useSampling } from "./words";

const WAITS_FOR = {
  waiting: "waiting",
  returned: "returned",
  rejected: "rejected",
  approved: "reviewing",
  expired: "reviewing",
  revoked: "reviewing",
  signed: "signed",
  closed: "closed",
} as const satisfies Record<Sample["state"], string>;

/** What waits for this person: to agree, to sign, to be the second to sign; else who it waits for. */
export function NextStep({ sample }: { sample: Sample }) {
  const t = useSampling();
  const { person, roles } = useSession();
  const rates = sample.rater?.id === person.id;
  const mine = sample.made_by.id === person.id || rates;
  const second = !mine && isApprover(roles);
  const signed = rates ? sample.rater_signed_at : sample.signed_at;
  const waitsFor = WAITS_FOR[sample.state];
  const signable = waitsFor === "reviewing";
  const absent = sample.rater !== null && !sample.joined && sample.state === "waiting";
  if (absent && rates) return <Join sample={sample} />;
  if (absent) return <p className="secondary" data-testid="qs.next">{t("qs.next.absent")}</p>;
  if (sample.state === "waiting" && second) return <Decide sample={sample} />;
  if (signable && mine && !signed) return <Sign sample={sample} />;
  if (signable && mine) return <p className="secondary" data-testid="qs.next">{t("qs.next.other")}</p>;
  if (sample.state === "signed" && second) return <Close sample={sample} />;
  return (
    <p className="secondary" data-testid="qs.next">
      {t(`qs.next.${waitsFor}`)}
    </p>
  );
}

/** An act on the sample: its answer is what the page shows next. */
function useStep(act: () => Promise<Sample>, said: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (next) => {
      client.setQueryData([...SAMPLES, next.id], next);
      void client.invalidateQueries({ queryKey: SAMPLES, exact: true });
      announce(said);
    },
  });
}

/** The second rater asks in their own name: nobody joins for somebody else. */
function Join({ sample }: { sample: Sample }) {
  const t = useSampling();
  const joining = useStep(() => joinSample(sample.id), t("qs.joined"));
  return (
    <section className="card stack" aria-labelledby="join-h">
      <h2 id="join-h">{t("qs.join")}</h2>
      <p>{t("qs.join.what", { size: sample.size })}</p>
      {joining.isError && <ErrorState error={codedFrom(joining.error)} />}
      <div className="row">
        <Button variant="primary" icon={Check} pending={joining.isPending} onClick={() => joining.mutate()} data-testid="qs.join">
          {t("qs.join.do")}
        </Button>
      </div>
    </section>
  );
}

function Decide({ sample }: { sample: Sample }) {
  const t = useSampling();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [decision, setDecision] = useState<"approve" | "reject">("approve");
  const deciding = useStep(() => decideSample(sample.id, { decision, reason: reason.trim() }), t("qs.decided"));
  const decide = (what: typeof decision) => {
    setDecision(what);
    setTried(true);
    if (reason.trim()) deciding.mutate();
  };
  return (
    <section className="card stack" aria-labelledby="decide-h">
      <h2 id="decide-h">{t("qs.decide")}</h2>
      <p className="secondary">{t("qs.decide.what", { size: sample.size })}</p>
      {deciding.isError && <ErrorState error={codedFrom(deciding.error)} />}
      <TextField
        label={t("qs.decide.reason")}
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
        error={tried && !reason.trim() ? t("qs.decide.reason.missing") : null}
        data-testid="qs.decide.reason"
      />
      <div className="row">
        <Button variant="primary" icon={Check} pending={deciding.isPending} onClick={() => decide("approve")} data-testid="qs.approve">
          {t("qs.approve")}
        </Button>
        <Button variant="danger" icon={X} pending={deciding.isPending} onClick={() => decide("reject")}>
          {t("qs.reject")}
        </Button>
      </div>
    </section>
  );
}

function Sign({ sample }: { sample: Sample }) {
  const t = useSampling();
  const signing = useStep(() => signSample(sample.id), t("qs.signed"));
  const left = sample.size - sample.reviewed;
  return (
    <section className="card stack" aria-labelledby="sign-h">
      <h2 id="sign-h">{t("qs.sign")}</h2>
      <p>{left > 0 ? t("qs.sign.left", { count: left }) : t("qs.sign.what")}</p>
      {signing.isError && <ErrorState error={codedFrom(signing.error)} />}
      <div className="row">
        <Button variant="primary" icon={PenLine} pending={signing.isPending} aria-disabled={left > 0} onClick={() => left === 0 && signing.mutate()} data-testid="qs.sign">
          {t("qs.sign.do")}
        </Button>
      </div>
    </section>
  );
}

function Close({ sample }: { sample: Sample }) {
  const t = useSampling();
  const closing = useStep(() => closeSample(sample.id), t("qs.closed"));
  return (
    <section className="card stack" aria-labelledby="close-h">
      <h2 id="close-h">{t("qs.close")}</h2>
      <p>{sample.unresolved > 0 ? t("qs.close.unresolved", { count: sample.unresolved }) : t("qs.close.what")}</p>
      {closing.isError && <ErrorState error={codedFrom(closing.error)} />}
      <div className="row">
        <Button variant="primary" icon={PenLine} pending={closing.isPending} aria-disabled={sample.unresolved > 0} onClick={() => sample.unresolved === 0 && closing.mutate()} data-testid="qs.close">
          {t("qs.close.do")}
        </Button>
      </div>
    </section>
  );
}
