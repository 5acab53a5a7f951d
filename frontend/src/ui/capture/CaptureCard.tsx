import { useQuery } from "@tanstack/react-query";
import { Disc } from "lucide-react";
import { endedAt, getCaptures, isOpen, type Capture } from "@core/captures";
import { spokenLength } from "@core/format";
import { inLocale } from "@core/i18n";
import { useSession } from "../live";
import { fullName } from "../names";
import { Link } from "../router";
import { useLocale } from "../settings";
import { useCaptureWords } from "./words";
import "./capture.css";

export { captureWords as words } from "./words";

const LOOK_MS = 4_000;

/** In the conversation, where a recording stopped: how far it is, what is missing of it, and the way to it. */
export default function CaptureCard({ consultation, call, at }: { consultation: string; call: string; at: number }) {
  const { data = [] } = useQuery({
    queryKey: ["captures", consultation],
    queryFn: () => getCaptures(consultation),
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? LOOK_MS : false),
  });
  const found = endedAt(data, call, at);
  return found && <Card capture={found} />;
}

function Card({ capture }: { capture: Capture }) {
  const t = useCaptureWords();
  const locale = useLocale();
  const staff = useSession().surface !== "patient";
  const { recording, sides, warnings } = capture;
  return (
    <div className="x-system x-call cp-card" data-state={capture.state} data-recording={recording?.state} data-testid="x.card.recording">
      <Disc size={20} aria-hidden />
      <div>
        <p>
          <strong>{t("cp.card")}</strong>
          {recording?.duration_s ? ` · ${spokenLength(recording.duration_s, locale)}` : ""}
          {" · "}
          {useProgress(capture)}
        </p>
        {warnings.map((one) => (
          <p key={one.code}>{inLocale(one.message, locale)}</p>
        ))}
        {sides
          .filter((side) => side.missing_s >= 1)
          .map((side) => (
            <p key={side.person.id}>{t("cp.card.missing", { name: fullName(side.person, locale), seconds: Math.round(side.missing_s) })}</p>
          ))}
        {recording && (
          <p>
            <Link href={staff ? `/recordings/${recording.id}` : `/record/recordings/${recording.id}`} data-testid="x.card.recording.open">
              {t("cp.card.open")}
            </Link>
          </p>
        )}
        <p className="meta">{t(capture.by_server ? "cp.card.byServer" : "cp.card.by")}</p>
      </div>
    </div>
  );
}

/** How far it is, in words. */
function useProgress({ state, sides, recording }: Capture): string {
  const t = useCaptureWords();
  const locale = useLocale();
  switch (state) {
    case "on": // it has stopped where this card stands; the server says so a moment later
    case "waiting": {
      const late = sides.filter((side) => side.state === "none" || side.state === "sending");
      const names = new Intl.ListFormat(locale, { type: "conjunction" }).format(late.map((side) => fullName(side.person, locale)));
      return late.length > 0 ? t("cp.card.waitingFor", { names }) : t("cp.card.waiting");
    }
    case "failed":
      return t("cp.card.broken");
    case "done":
      if (recording?.state === "failed") return t("cp.card.failed");
      return t(recording?.state === "queued" || recording?.state === "running" ? "cp.card.transcribing" : "cp.card.done");
    default:
      return t(`cp.card.${state}`);
  }
}
