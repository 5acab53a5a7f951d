import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus, RotateCcw, Smartphone, Trash2 } from "lucide-react";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import { announce } from "../announce";
import { Button } from "../Button";
import { useLocale } from "../settings";
import { EmptyState, ErrorState, Fetched } from "../states";
import { myFactors, removeFactor, renewRecovery, type FactorRow } from "./api";
import { RecoveryCodes } from "./RecoveryCodes";
import { SetUp } from "./SetUp";
import { useSecurity } from "./words";
import "./security.css";

const FACTORS = ["factor", "mine"];

/** The second factors of whoever is signed in. */
export function Factors() {
  const t = useSecurity();
  const client = useQueryClient();
  const query = useQuery({ queryKey: FACTORS, queryFn: myFactors });
  const [adding, setAdding] = useState(false);
  const again = () => void client.invalidateQueries({ queryKey: FACTORS });
  const done = () => {
    setAdding(false);
    announce(t("sc.factors.added"));
    again();
  };
  return (
    <section className="card stack" aria-labelledby="sc-factors-h" data-testid="sc.factors">
      <h2 id="sc-factors-h">{t("sc.factors.title")}</h2>
      <p className="secondary">{t("sc.factors.what")}</p>
      <Fetched query={query} isEmpty={(all) => all.length === 0} empty={<EmptyState title={t("sc.factors.none")} />}>
        {(all) => (
          <>
            <ul className="sc-rows">
              {all.filter(({ kind }) => kind !== "recovery").map((factor) => (
                <Row key={factor.id} factor={factor} onRemoved={again} />
              ))}
            </ul>
            <Recovery left={all.find(({ kind }) => kind === "recovery")?.left ?? 0} onRenewed={again} />
          </>
        )}
      </Fetched>
      {adding ? (
        <SetUp onDone={done} />
      ) : (
        <Button icon={Plus} onClick={() => setAdding(true)} data-testid="sc.factors.add">
          {t("sc.factors.add")}
        </Button>
      )}
    </section>
  );
}

function Row({ factor, onRemoved }: { factor: FactorRow; onRemoved: () => void }) {
  const t = useSecurity();
  const locale = useLocale();
  const removing = useMutation({ mutationFn: () => removeFactor(factor.id), onSuccess: onRemoved });
  const Icon = factor.kind === "totp" ? Smartphone : KeyRound;
  const used = factor.used_at ? t("sc.factors.used", { time: dateTime(parseTime(factor.used_at), locale) }) : t("sc.factors.unused");
  return (
    <li data-testid="sc.factor" data-kind={factor.kind}>
      <div className="row">
        <Icon size={20} aria-hidden />
        <p>
          <strong>{factor.name || t("sc.factors.app")}</strong> <span className="secondary">{used}</span>
        </p>
        <Button size="small" icon={Trash2} pending={removing.isPending} onClick={() => removing.mutate()} data-testid="sc.factor.remove">
          {t("sc.factors.remove")}
        </Button>
      </div>
      {removing.isError && <ErrorState error={codedFrom(removing.error)} />}
    </li>
  );
}

function Recovery({ left, onRenewed }: { left: number; onRenewed: () => void }) {
  const t = useSecurity();
  const renewing = useMutation({ mutationFn: renewRecovery, onSuccess: onRenewed });
  if (renewing.data) return <RecoveryCodes codes={renewing.data.codes} onKept={() => renewing.reset()} />;
  return (
    <>
      <div className="row">
        <p data-testid="sc.recovery.left">{t("sc.recovery.left", { count: left })}</p>
        <Button size="small" icon={RotateCcw} pending={renewing.isPending} onClick={() => renewing.mutate()} data-testid="sc.recovery.renew">
          {t("sc.recovery.renew")}
        </Button>
      </div>
      {renewing.isError && <ErrorState error={codedFrom(renewing.error)} />}
    </>
  );
}
