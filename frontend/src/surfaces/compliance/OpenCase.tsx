import { useState } from "react";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Layers } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { Button } from "@ui/Button";
import { IntegrityBadge } from "@ui/IntegrityBadge";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { KeptChips } from "@ui/staff/KeptChips";
import { useKeys } from "@ui/staff/keys";
import { Tabs } from "@ui/staff/Tabs";
import { useNow } from "@ui/staff/useNow";
import { Fetched } from "@ui/states";
import { remaining, remainingWords } from "./access";
import { openConversation, type Grant, type OpenedCase } from "./api";
import { GrantOfCase } from "./CarriedFiles";
import { CaseSide } from "./CaseSide";
import { CaseTimeline } from "./CaseTimeline";
import { CaseWorkOf, useAnnotations, type Spot } from "./casework";
import { Find, useFind } from "./Find";
import { useWatermark } from "./Protected";
import { Recordings } from "./Recordings";
import { useT } from "./words";

type View = "conversation" | "side" | "recordings" | "find";

/** What the grant opens: the conversation, the recordings, or both; beside it what proves it. */
export function OpenCase({ grant }: { grant: Grant }) {
  const t = useT();
  const [layer, setLayer] = useState(true);
  const [view, setView] = useState<View>(grant.content.includes("conversation") ? "conversation" : "recordings");
  const [spot, setSpot] = useState<Spot | null>(null);
  const opened = useOpened(grant);
  const find = useFind(grant);
  const work = useAnnotations(grant, (to) => {
    setSpot(to);
    setView(VIEWS[to.part]);
  });
  const show = (next: View) => {
    setSpot(null);
    setView(next);
  };
  useKeys({ "Ctrl+Shift+KeyF": () => covers.find && show("find") });
  const parts: { id: View; label: string; content: React.ReactNode; testid: string }[] = [
    { id: "conversation", label: t("c.content.conversation"), content: <Conversation opened={opened} layer={layer} spot={spot} />, testid: "c.viewer.conversation" },
    { id: "side", label: t("c.viewer.side"), content: opened.data?.side && <Beside opened={opened.data} side={opened.data.side} layer={layer} spot={spot} />, testid: "c.viewer.side" },
    { id: "recordings", label: t("c.viewer.recordings", { count: grant.case.recordings }), content: <Recordings grant={grant} first={spot?.part === "transcripts" ? spot.recording : null} />, testid: "c.viewer.recordings" },
    { id: "find", label: t("c.viewer.find"), content: <Find find={find} />, testid: "c.viewer.find" },
  ];
  const covers: Record<View, boolean> = {
    conversation: grant.content.includes("conversation"),
    side: Boolean(opened.data?.side),
    recordings: grant.content.includes("recordings") || grant.content.includes("transcripts"),
    find: grant.content.includes("conversation") || grant.content.includes("transcripts"),
  };
  const granted = parts.filter(({ id }) => covers[id]);
  return (
    <GrantOfCase value={grant}>
      <CaseWorkOf value={work}>
        <CaseBar grant={grant} opened={opened.data} layer={layer} onLayer={grant.content.includes("conversation") ? () => setLayer(!layer) : undefined} />
        <div className="c-viewer">
          <div className="c-viewer-main" id="case-content" tabIndex={-1}>
            {granted.length > 1 ? <Tabs label={t("c.viewer.parts")} tabs={granted} selected={view} onSelect={show} /> : granted[0]?.content}
          </div>
          <CaseSide grant={grant} opened={opened.data} />
        </div>
      </CaseWorkOf>
    </GrantOfCase>
  );
}

const VIEWS: Record<Spot["part"], View> = { conversation: "conversation", discussion: "side", transcripts: "recordings" };

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

interface ShownProps {
  layer: boolean;
  spot: Spot | null;
}

const seqOf = (spot: Spot | null, part: Spot["part"]) => (spot && spot.part === part && "seq" in spot ? spot : null);

function Conversation({ opened, layer, spot }: ShownProps & { opened: UseQueryResult<OpenedCase> }) {
  return <Fetched query={opened}>{(found) => <CaseTimeline opened={found} part="conversation" layer={layer} at={seqOf(spot, "conversation")} />}</Fetched>;
}

/** What clinicians said to each other about the case: the patient never saw it. */
function Beside({ opened, side, layer, spot }: ShownProps & { opened: OpenedCase; side: NonNullable<OpenedCase["side"]> }) {
  const t = useT();
  return (
    <div className="stack">
      <p className="row secondary">
        {t("c.viewer.sideSays")}
        <IntegrityBadge state={side.integrity.state} detail={side.integrity} />
      </p>
      <CaseTimeline opened={{ ...opened, ...side }} part="discussion" layer={layer} at={seqOf(spot, "discussion")} />
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
        <KeptChips kept={found.kept} held={found.held} />
        <span>{t("c.viewer.between", { patient: found.patient, doctor: found.doctor ? fullName(found.doctor, locale) : t("c.case.noDoctor") })}</span>
        <span className="secondary">{found.closed_at ? t("c.case.fromTo", { from: day(found.opened_at), to: day(found.closed_at) }) : t("c.case.since", { from: day(found.opened_at) })}</span>
      </p>
      <p className="row secondary">
        <strong className="c-remaining" data-testid="c.viewer.remaining">
          {t("c.left", { time: remainingWords(remaining(grant, now), locale) })}
        </strong>
        {grant.approver && <span>{t("c.viewer.approver", { name: [grant.first?.approver, grant.approver].flatMap((one) => one?.name ?? []).join(" · ") })}</span>}
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
