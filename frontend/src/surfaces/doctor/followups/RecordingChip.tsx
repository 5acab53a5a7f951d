import { CircleAlert, CircleCheck, CircleHelp, Clock3, LoaderCircle } from "lucide-react";
import type { RecordingBrief, RecordingState } from "@core/recordings";
import { Chip, type Tone } from "@ui/Chip";
import { useT } from "../words";

const LOOK: Record<RecordingState, [typeof Clock3, Tone]> = {
  queued: [Clock3, "neutral"],
  running: [LoaderCircle, "info"],
  done: [CircleCheck, "ok"],
  failed: [CircleAlert, "danger"],
  needs_review: [CircleHelp, "warn"],
};

/** How far the transcription of a recording is, in words. */
export function RecordingChip({ recording: { state, progress } }: { recording: Pick<RecordingBrief, "state" | "progress"> }) {
  const t = useT();
  const [icon, tone] = LOOK[state];
  return (
    <Chip tone={tone} icon={icon} data-testid="x.rec.state" data-status={state}>
      {state === "running" ? t("d.recording.running", { percent: Math.floor(progress * 100) }) : t(`d.recording.${state}`)}
    </Chip>
  );
}
