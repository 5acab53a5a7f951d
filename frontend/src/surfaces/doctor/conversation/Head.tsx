import { useState } from "react";
import { CircleCheckBig, Hourglass, PanelRight, Phone, Undo2 } from "lucide-react";
import { isBusy } from "@core/calls/current";
import type { ConsultationDetail } from "@core/consultations";
import { clock, dateTime, day, parseTime } from "@core/format";
import { useCall } from "@ui/calls/useCall";
import { CallButton } from "@ui/calls/CallButton";
import { RoomButton } from "@ui/rooms/RoomButton";
import { Button } from "@ui/Button";
import { Chip } from "@ui/Chip";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { useKeys } from "@ui/staff/keys";
import { remaining, type Remaining } from "@ui/talk/terms";
import { useMinute } from "@ui/talk/useMinute";
import { useTalkWords } from "@ui/talk/words";
import { useIdentity } from "../people";
import { useT } from "../words";
import { CloseDialog } from "./CloseDialog";
import { ExtendDialog } from "./ExtendDialog";
import { ReturnDialog } from "./ReturnDialog";

type Act = "close" | "return" | "extend";

/** Who this is, in what state, what is left of the terms, and the acts on the consultation itself. */
export function Head({ detail, onPanel }: { detail: ConsultationDetail; onPanel: () => void }) {
  const t = useT();
  const identity = useIdentity();
  const [dialog, setDialog] = useState<Act | null>(null);
  const [written, setWritten] = useState({ summary: "", advice: "" });
  const active = detail.state === "active";
  const left = remaining(detail.terms, useMinute());
  const done = () => setDialog(null);
  useKeys({
    "Ctrl+Shift+KeyL": () => document.querySelector<HTMLElement>(".d-composer textarea, .d-composer button")?.focus(),
    "Alt+KeyC": () => document.querySelector<HTMLElement>("[data-testid='d.conv.call']")?.click(),
    "Alt+KeyE": () => active && setDialog("close"),
  });
  return (
    <header className="d-conv-head">
      <div className="d-conv-who">
        <h2 id="conv-h">{identity(detail.patient)}</h2>
        <State detail={detail} />
        {active && left && <TermsButton left={left} onClick={() => setDialog("extend")} />}
      </div>
      <div className="row">
        <Button size="small" icon={PanelRight} className="d-panel-toggle" onClick={onPanel} aria-keyshortcuts="Control+." data-testid="d.panel.toggle">
          {t("d.panel.show")}
        </Button>
        {detail.may_call && <CallButton detail={detail} testid="d.conv.call" />}
        {active && <RoomButton thread={detail.id} testid="d.conv.room" />}
        {active && (
          <>
            <Button size="small" icon={Undo2} onClick={() => setDialog("return")} data-testid="d.conv.return">
              {t("d.return")}
            </Button>
            <Button size="small" icon={CircleCheckBig} onClick={() => setDialog("close")} aria-keyshortcuts="Alt+E" data-testid="d.conv.close">
              {t("d.close")}
            </Button>
          </>
        )}
      </div>
      {dialog === "return" && <ReturnDialog detail={detail} onDone={done} />}
      {dialog === "close" && <CloseDialog detail={detail} written={written} onWrite={setWritten} onDone={done} />}
      {dialog === "extend" && <ExtendDialog detail={detail} onDone={done} />}
    </header>
  );
}

function State({ detail }: { detail: ConsultationDetail }) {
  const t = useT();
  const locale = useLocale();
  const me = useSession().person.id;
  const call = useCall();
  const talking = isBusy(call) && call?.consultation === detail.id && call.at !== null;
  const { state, needs_reply, assignee, claimed_at, closed_at, last_at } = detail;
  if (state !== "active") return <Chip data-testid="d.conv.state">{t("d.row.closed", { time: dateTime(parseTime(closed_at ?? last_at), locale) })}</Chip>;
  if (talking) return <Chip icon={Phone} tone="info" data-testid="d.conv.state" data-needs-reply={false}>{t("d.conv.inCall")}</Chip>;
  return (
    <>
      <Chip tone={needs_reply ? "warn" : "neutral"} data-testid="d.conv.state" data-needs-reply={needs_reply}>
        {t(needs_reply ? "d.conv.needsReply" : "d.conv.waitsPatient")}
      </Chip>
      {assignee && assignee.id !== me && claimed_at && (
        <span className="meta" title={dateTime(parseTime(claimed_at), locale)} data-testid="d.conv.handling">
          {t("d.conv.handling", { name: fullName(assignee, locale), time: clock(parseTime(claimed_at)) })}
        </span>
      )}
    </>
  );
}

/** The terms in a few words; pressing them gives more. */
function TermsButton({ left, onClick }: { left: Remaining; onClick: () => void }) {
  const t = useTalkWords();
  const locale = useLocale();
  const { rounds, until, over } = left;
  const parts = [rounds === null ? "" : t("tk.terms.rounds", { rounds }), until === null ? "" : t("tk.terms.until", { date: left.soon ? dateTime(until, locale) : day(until, locale) })];
  return (
    <Button size="small" variant="quiet" icon={Hourglass} className="d-terms" data-over={over} onClick={onClick} aria-haspopup="dialog" data-testid="d.conv.terms">
      {over ? t("tk.over.title") : t("tk.terms.left", { what: parts.filter(Boolean).join(" · ") })}
    </Button>
  );
}
