import { useRef, useState } from "react";
import { FileLock, MessagesSquare } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { getConsultation, type ConsultationDetail } from "@core/consultations";
import { codedFrom } from "@core/errors";
import { AGAIN_MS } from "@ui/bell";
import type { ComposerHandle } from "@ui/Composer";
import { useKeys } from "@ui/staff/keys";
import { EmptyState, ErrorState, Loading } from "@ui/states";
import { ConversationPane } from "../conversation/ConversationPane";
import { WaitingPane } from "../conversation/WaitingPane";
import { PatientPanel } from "../panel/PatientPanel";
import { useT } from "../words";
import { Workbench } from "../Workbench";
import { QueuePane } from "./QueuePane";
import { useQueue } from "./useQueue";

/** The workbench: queue, conversation, patient. */
export function QueuePage({ open }: { open: string | null }) {
  const t = useT();
  const detail = useQuery({ queryKey: ["consultation", open], queryFn: () => getConsultation(open ?? ""), enabled: open !== null, refetchInterval: AGAIN_MS });
  const name = open ? detail.data?.patient.name : undefined;
  const skips = [
    ["queue", t("d.skip.queue")],
    ["conversation", t("d.skip.conversation")],
  ] as const;
  return (
    <Workbench title={t("d.nav.queue")} tabTitle={name ? t("d.tab", { name }) : t("d.nav.queue")} skips={skips} fill>
      <div className="d-panes" data-open={open !== null}>
        <QueuePane open={open} />
        {open === null ? <NothingOpen /> : <Opened key={open} id={open} detail={detail.data} error={detail.isError ? detail.error : null} retry={() => void detail.refetch()} />}
      </div>
    </Workbench>
  );
}

function NothingOpen() {
  const t = useT();
  return (
    <section id="conversation" className="d-conversation" aria-label={t("d.skip.conversation")}>
      <EmptyState icon={MessagesSquare} title={t("d.conv.none")}>
        {t("d.conv.none.hint")}
      </EmptyState>
    </section>
  );
}

interface OpenedProps {
  id: string;
  detail: ConsultationDetail | undefined;
  error: unknown;
  retry: () => void;
}

function Opened({ id, detail, error, retry }: OpenedProps) {
  const t = useT();
  const [panel, setPanel] = useState(false);
  const panelRef = useRef<HTMLElement>(null);
  const replyBox = useRef<ComposerHandle>(null);
  const togglePanel = () => {
    // Where there is room the panel is always there, and the key goes to it.
    if (window.matchMedia("(min-width: 80rem)").matches) panelRef.current?.focus();
    else setPanel((shown) => !shown);
  };
  useKeys({ "Ctrl+Period": togglePanel });
  const gone = error !== null && codedFrom(error).code === "not_found";
  if (!detail || gone) {
    return (
      <section id="conversation" className="d-conversation d-pad" aria-label={t("d.skip.conversation")} data-region tabIndex={-1}>
        {error === null ? <Loading onRetry={retry} /> : <Missing id={id} error={error} retry={retry} />}
      </section>
    );
  }
  const readable = detail.state !== "queued";
  const cite = (words: string) => {
    setPanel(false);
    replyBox.current?.insert(words);
  };
  return (
    <>
      {readable ? <ConversationPane id={id} detail={detail} onPanel={togglePanel} replyBox={replyBox} /> : <WaitingPane detail={detail} />}
      {readable && <PatientPanel ref={panelRef} detail={detail} open={panel} onClose={() => setPanel(false)} onCite={cite} />}
    </>
  );
}

/** Missing and forbidden look alike: most often a colleague has taken it meanwhile. Of a finished case the list says whether it was
 * sealed or destroyed. */
function Missing({ id, error, retry }: Pick<OpenedProps, "id" | "retry"> & { error: unknown }) {
  const t = useT();
  const coded = codedFrom(error);
  const kept = useQueue().data?.closed.find((item) => item.id === id)?.kept;
  if (coded.code === "not_found" && kept) return <EmptyState icon={FileLock} title={t(`d.conv.${kept}`)}>{t(`d.conv.${kept}.hint`)}</EmptyState>;
  if (coded.code === "not_found") return <EmptyState title={t("d.conv.gone")}>{t("d.conv.gone.hint")}</EmptyState>;
  return <ErrorState error={coded} onRetry={retry} />;
}
