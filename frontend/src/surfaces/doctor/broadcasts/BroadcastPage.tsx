import { useState } from "react";
import { ArrowLeft, CircleStop } from "lucide-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { parseTime } from "@core/format";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { NoticeCard } from "@ui/notices/NoticeCard";
import { fullName } from "@ui/names";
import { Link } from "@ui/router";
import { useLocale } from "@ui/settings";
import { ErrorState, Fetched } from "@ui/states";
import { useT } from "../words";
import { Workbench } from "../Workbench";
import { stopBroadcast, useBroadcast, type Broadcast } from "./api";
import { Counts, StateChip } from "./Counts";
import { Recipients } from "./Recipients";
import "./broadcasts.css";

/** One broadcast: what was said, how far it is, and every recipient. */
export function BroadcastPage({ id }: { id: string }) {
  const t = useT();
  return (
    <Workbench title={t("d.nav.broadcasts")}>
      <div className="d-page">
        <Link href="/broadcasts" className="d-back">
          <ArrowLeft size={16} aria-hidden />
          {t("d.broadcasts.all")}
        </Link>
        <Fetched query={useBroadcast(id)}>{(broadcast) => <Details broadcast={broadcast} />}</Fetched>
      </div>
    </Workbench>
  );
}

function Details({ broadcast }: { broadcast: Broadcast }) {
  const t = useT();
  const locale = useLocale();
  const [stopping, setStopping] = useState(false);
  const { id, title, text, at, author, state, counts } = broadcast;
  return (
    <>
      <div className="row d-page-head">
        <StateChip state={state} />
        {state === "sending" && (
          <Button variant="danger" icon={CircleStop} onClick={() => setStopping(true)} data-testid="d.broadcast.stop">
            {t("d.broadcast.stop")}
          </Button>
        )}
      </div>
      <Counts broadcast={broadcast} />
      <section className="stack" aria-labelledby="preview-h">
        <h2 id="preview-h">{t("d.broadcast.preview")}</h2>
        <div className="d-phone">
          <NoticeCard title={title} text={text} from={fullName(author, locale)} at={parseTime(at)} />
        </div>
      </section>
      <Recipients key={id} broadcast={broadcast} />
      {stopping && <StopDialog id={id} waiting={counts.waiting} onDone={() => setStopping(false)} />}
    </>
  );
}

function StopDialog({ id, waiting, onDone }: { id: string; waiting: number; onDone: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const stopping = useMutation({
    mutationFn: () => stopBroadcast(id),
    onSuccess: (now) => {
      queries.setQueryData(["broadcast", id], now);
      void queries.invalidateQueries({ queryKey: ["broadcasts"] });
      toast(t("d.broadcast.stopped"));
      onDone();
    },
  });
  const actions = (
    <>
      <Button onClick={onDone}>{t("d.broadcast.stop.not")}</Button>
      <Button variant="danger" pending={stopping.isPending} onClick={() => stopping.mutate()} data-testid="d.broadcast.stop.confirm">
        {t("d.broadcast.stop")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("d.broadcast.stop.title")} onClose={onDone} actions={actions} testid="d.broadcast.stop.dialog">
      {stopping.isError && <ErrorState error={codedFrom(stopping.error)} />}
      <p>{t("d.broadcast.stop.what", { count: waiting })}</p>
    </Dialog>
  );
}
