import { useEffect, useState } from "react";
import { CircleCheck, CloudOff } from "lucide-react";
import { useLocation } from "@ui/router";
import { database, type OutboxItem } from "@core/db";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { useLive, useUnsent } from "@ui/live";
import { EmergencyButton, PatientShell } from "@ui/PatientShell";
import { ErrorState, Loading } from "@ui/states";
import { ButtonLink } from "../ButtonLink";
import { useNav } from "../nav";
import { useT } from "./words";
import { restoreAnswers } from "./answers";

/** What happened, what happens next, and what to do if it gets worse. Stays true offline: then it says that it waits. */
export function Submitted({ client_id }: { client_id: string }) {
  const t = useT();
  const unsent = useUnsent().find((item) => item.client_id === client_id);
  const consultation = useConsultationOf(client_id);
  const nav = useNav();
  useEffect(() => {
    if (consultation) announce(t("p.sent.done"));
  }, [consultation, t]);
  return (
    <PatientShell title={t("p.sent.title")} nav={nav}>
      <div className="card stack" data-testid="p.sent" data-status={consultation ? "sent" : unsent?.state === "failed" ? "failed" : "queued"}>
        {consultation ? <Done consultation={consultation} /> : unsent?.state === "failed" ? <Refused item={unsent} /> : <OnItsWay queued={unsent !== undefined} />}
      </div>
      <p>{t("p.sent.worse")}</p>
      <div className="row">
        <EmergencyButton />
        <ButtonLink href="/">{t("p.toHome")}</ButtonLink>
      </div>
    </PatientShell>
  );
}

/** The consultation that an intake became: from the ack that comes, or the receipt of one that came before. */
function useConsultationOf(client_id: string): string | null {
  const { outbox } = useLive();
  const [consultation, setConsultation] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    void database()
      .then((db) => db.get("receipts", client_id))
      .then((receipt) => {
        if (current && receipt) setConsultation(receipt.consultation);
      });
    const off = outbox.onChange((change) => {
      if (change.type === "acked" && change.item.client_id === client_id) setConsultation(change.ack.consultation ?? null);
    });
    return () => {
      current = false;
      off();
    };
  }, [client_id, outbox]);
  return consultation;
}

function Done({ consultation }: { consultation: string }) {
  const t = useT();
  return (
    <>
      <p className="p-done">
        <CircleCheck size={24} aria-hidden />
        <strong>{t("p.sent.done")}</strong>
      </p>
      <p>{t("p.sent.next")}</p>
      <p>{t("p.sent.leave")}</p>
      <ButtonLink href={`/consultations/${consultation}`} variant="primary" size="main" testid="p.sent.open">
        {t("p.sent.open")}
      </ButtonLink>
    </>
  );
}

function OnItsWay({ queued }: { queued: boolean }) {
  const t = useT();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 2_000);
    return () => clearTimeout(timer);
  }, []);
  if (!queued && !slow) return <Loading rows={1} />;
  return (
    <p className="p-done">
      {slow && <CloudOff size={24} aria-hidden />}
      <strong>{slow ? t("p.sent.queued") : t("p.sent.sending")}</strong>
    </p>
  );
}

function Refused({ item }: { item: OutboxItem }) {
  const t = useT();
  const { outbox, session } = useLive();
  const [, go] = useLocation();
  const { command, error, client_id } = item;
  const edit = async () => {
    if (command.type !== "consultation.open") return;
    const { complaint, duration, department } = command;
    await restoreAnswers(session.person.id, { complaint, duration, department: department ?? null });
    await outbox.drop(client_id);
    go("/ask/check");
  };
  return (
    <>
      {error && <ErrorState error={error} />}
      <Button variant="primary" onClick={() => void outbox.retry(client_id)}>
        {t("p.sent.again")}
      </Button>
      <Button onClick={() => void edit()}>{t("p.sent.edit")}</Button>
    </>
  );
}
