import { useState } from "react";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Layers } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { Button } from "@ui/Button";
import { IntegrityBadge } from "@ui/IntegrityBadge";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { Tabs } from "@ui/staff/Tabs";
import { useNow } from "@ui/staff/useNow";
import { Fetched } from "@ui/states";
import { remaining, remainingWords } from "./access";
import { openConversation, type Grant, type OpenedCase } from "./api";
import { GrantOfCase } from "./CarriedFiles";
import { CaseSide } from "./CaseSide";
import { CaseTimeline } from "./CaseTimeline";
import { useWatermark } from "./Protected";
import { Recordings } from "./Recordings";
import { useT } from "./words";

type View = "conversation" | "side" | "recordings";

/** What the grant opens: the conversation, the recordings, or both; beside it what proves it. */
export function OpenCase({ grant }: { grant: Grant }) {
  const t = useT();
  const [layer, setLayer] = useState(true);
  const [view, setView] = useState<View>(grant.content.includes("conversation") ? "conversation" : "recordings");
  const opened = useOpened(grant);
  const parts: { id: View; label: string; content: React.ReactNode; testid: string }[] = [
    { id: "conversation", label: t("c.content.conversation"), content: <Conversation opened={opened} layer={layer} />, testid: "c.viewer.conversation" },
    { id: "side", label: t("c.viewer.side"), content: opened.data?.side && <Beside opened={opened.data} side={opened.data.side} layer={layer} />, testid: "c.viewer.side" },
    { id: "recordings", label: t("c.viewer.recordings", { count: grant.case.recordings }), content: <Recordings grant={grant} />, testid: "c.viewer.recordings" },
  ];
  const covers: Record<View, boolean> = {
    conversation: grant.content.includes("conversation"),
    side: Boolean(opened.data?.side),
    recordings: grant.content.includes("recordings") || grant.content.includes("transcripts"),
  };
  const granted = parts.filter(({ id }) => covers[id]);
  return (
    <GrantOfCase value={grant.content.includes("attachments") ? grant.id : ""}>
      <CaseBar grant={grant} opened={opened.data} layer={layer} onLayer={grant.content.includes("conversation") ? () => setLayer(!layer) : undefined} />
      <div className="c-viewer">
        <div className="c-viewer-main" id="case-content" tabIndex={-1}>
          {granted.length > 1 ? <Tabs label={t("c.viewer.parts")} tabs={granted} selected={view} onSelect={setView} /> : granted[0]?.content}
        </div>
        <CaseSide grant={grant} opened={opened.data} />
      </div>
    </GrantOfCase>
  );
}

/** Read once: each request for it is a reading in the ledger. */
function useOpened(grant: Grant): UseQueryResult<OpenedCase> {
  return useQuery({
    queryKey: ["content", grant.id, "conversation"],
    queryFn: ({ signal }) => openConversation(grant.id, signal),
    enabled: grant.content.includes("conversation"),
    staleTime: "static",
    gcTime: 0,
    retry: false,
  });
}

function Conversation({ opened, layer }: { opened: UseQueryResult<OpenedCase>; layer: boolean }) {
  return <Fetched query={opened}>{(found) => <CaseTimeline opened={found} layer={layer} />}</Fetched>;
}

/** What clinicians said to each other about the case: the patient never saw it. */
function Beside({ opened, side, layer }: { opened: OpenedCase; side: NonNullable<OpenedCase["side"]>; layer: boolean }) {
  const t = useT();
  return (
    <div className="stack">
      <p className="row secondary">
        {t("c.viewer.sideSays")}
        <IntegrityBadge state={side.integrity.state} detail={side.integrity} />
      </p>
      <CaseTimeline opened={{ ...opened, ...side }} layer={layer} />
    </div>
  );
}

/** Who, when, until when, on whose word; and that every view carries the viewer's name. */
function CaseBar({ grant, opened, layer, onLayer }: { grant: Grant; opened: OpenedCase | undefined; layer: boolean; onLayer: (() => void) | undefined }) {
  const t = useT();
  const locale = useLocale();
  const now = useNow(10_000);
  const watermark = useWatermark();
  const { case: found } = grant;
  const day = (iso: string) => dateTime(parseTime(iso), locale, now);
  return (
    <header className="card c-case-bar">
      <p className="c-case-title">
        <strong>{found.number}</strong>
        <span>{t("c.viewer.between", { patient: found.patient, doctor: found.doctor ? fullName(found.doctor, locale) : t("c.case.noDoctor") })}</span>
        <span className="secondary">{found.closed_at ? t("c.case.fromTo", { from: day(found.opened_at), to: day(found.closed_at) }) : t("c.case.since", { from: day(found.opened_at) })}</span>
      </p>
      <p className="row secondary">
        <strong className="c-remaining" data-testid="c.viewer.remaining">
          {t("c.left", { time: remainingWords(remaining(grant, now), locale) })}
        </strong>
        {grant.approver && <span>{t("c.viewer.approver", { name: grant.approver.name })}</span>}
        <span>{t("c.viewer.purpose", { purpose: t(`c.purpose.${grant.purpose}`) })}</span>
        <span>{t("c.protected.says", { watermark })}</span>
      </p>
      <div className="row">
        {opened && <IntegrityBadge state={opened.integrity.state} detail={opened.integrity} />}
        {onLayer && (
          <Button size="small" icon={Layers} aria-pressed={layer} onClick={onLayer} data-testid="c.viewer.layer">
            {t("c.viewer.layer")}
          </Button>
        )}
      </div>
    </header>
  );
}
