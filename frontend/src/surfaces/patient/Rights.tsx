import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, FileCheck, Inbox, Printer } from "lucide-react";
import { codedFrom } from "@core/errors";
import type { Consultation } from "@core/consultations";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { askErasure, certificateOf, certificatePageOf, getMyErasures, MY_COPY, type ErasureRequest } from "@core/rights";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { PatientShell } from "@ui/PatientShell";
import { useLocale } from "@ui/settings";
import { EmptyState, ErrorState, Fetched } from "@ui/states";
import { useConsultations, useNav } from "./nav";
import { useT } from "./pages/words";

/** What I may ask of the hospital about my own record: a copy at once, and that a consultation be erased. */
export function Rights() {
  const t = useT();
  const asked = useQuery({ queryKey: ["rights"], queryFn: getMyErasures });
  return (
    <PatientShell title={t("p.rights.title")} back="/me" nav={useNav()}>
      <section className="card stack" aria-labelledby="copy-h">
        <h2 id="copy-h">{t("p.rights.copy")}</h2>
        <p>{t("p.rights.copy.what")}</p>
        <a className="x-button" data-variant="primary" data-size="main" href={MY_COPY} download data-testid="p.rights.copy">
          <Download size={20} aria-hidden />
          <span>{t("p.rights.copy.get")}</span>
        </a>
      </section>
      <section className="stack" aria-labelledby="erase-h">
        <h2 id="erase-h">{t("p.rights.erase")}</h2>
        <p>{t("p.rights.erase.what")}</p>
        <Fetched query={asked}>{(all) => <Cases asked={all} />}</Fetched>
      </section>
    </PatientShell>
  );
}

/** My closed consultations, and what became of those I asked about. */
function Cases({ asked }: { asked: readonly ErasureRequest[] }) {
  const t = useT();
  const open = new Set(asked.filter((one) => one.state !== "refused").map((one) => one.consultation));
  const closed = (useConsultations().data ?? []).filter((one) => one.state === "closed" && !open.has(one.id));
  if (asked.length === 0 && closed.length === 0) return <EmptyState icon={Inbox} title={t("p.rights.erase.none")} />;
  return (
    <ul className="stack">
      {asked.map((one) => (
        <Asked key={one.id} request={one} />
      ))}
      {closed.map((one) => (
        <Closed key={one.id} found={one} />
      ))}
    </ul>
  );
}

function Asked({ request }: { request: ErasureRequest }) {
  const t = useT();
  const locale = useLocale();
  const day = (time: string) => dateTime(parseTime(time), locale);
  return (
    <li className="card stack" data-testid="p.rights.asked" data-state={request.state}>
      <p>
        <strong>{inLocale(request.department.name, locale)}</strong> <span className="secondary">{day(request.opened_at)}</span>
      </p>
      <p>{t(`p.rights.state.${request.state}`, { until: request.sealed_until ? day(request.sealed_until) : "" })}</p>
      {request.reason && <p className="own-words secondary">{request.reason}</p>}
      {request.state === "done" && (
        <>
          <a className="x-button" data-variant="secondary" data-size="normal" href={certificateOf(request.id)} download={`certificate-${request.id}.json`}>
            <FileCheck size={20} aria-hidden />
            <span>{t("p.rights.certificate")}</span>
          </a>
          <a className="x-button" data-variant="secondary" data-size="normal" href={certificatePageOf(request.id)} target="_blank" rel="noreferrer" data-testid="p.rights.print">
            <Printer size={20} aria-hidden />
            <span>{t("p.rights.certificate.print")}</span>
          </a>
        </>
      )}
    </li>
  );
}

function Closed({ found }: { found: Consultation }) {
  const t = useT();
  const locale = useLocale();
  const [asking, setAsking] = useState(false);
  const opened = dateTime(parseTime(found.opened_at), locale);
  return (
    <li className="card stack" data-testid="p.rights.case">
      <p>
        <strong>{inLocale(found.department.name, locale)}</strong> <span className="secondary">{opened}</span>
      </p>
      <Button onClick={() => setAsking(true)} aria-haspopup="dialog" data-testid="p.rights.ask">
        {t("p.rights.erase.ask")}
      </Button>
      {asking && <AskDialog id={found.id} opened={opened} onClose={() => setAsking(false)} />}
    </li>
  );
}

function AskDialog({ id, opened, onClose }: { id: string; opened: string; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const asking = useMutation({
    mutationFn: () => askErasure(id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["rights"] });
      onClose();
    },
  });
  return (
    <Dialog
      title={t("p.rights.erase.ask")}
      onClose={onClose}
      testid="p.rights.dialog"
      actions={
        <Button variant="danger" pending={asking.isPending} onClick={() => asking.mutate()} data-testid="p.rights.confirm">
          {t("p.rights.erase.confirm")}
        </Button>
      }
    >
      {asking.isError && <ErrorState error={codedFrom(asking.error)} />}
      <p>{t("p.rights.erase.sure", { time: opened })}</p>
      <p>{t("p.rights.erase.law")}</p>
    </Dialog>
  );
}
