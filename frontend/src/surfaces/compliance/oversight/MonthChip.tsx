import type { ComponentType } from "react";
import { CalendarClock, CircleCheckBig, Clock3, TriangleAlert } from "lucide-react";
import { Chip, type Tone } from "@ui/Chip";
import type { Month } from "./api";
import { useOversight } from "./words";

const LOOK: Record<Month["state"], [ComponentType<{ size?: number; "aria-hidden"?: boolean }>, Tone]> = {
  running: [Clock3, "neutral"],
  due: [CalendarClock, "info"],
  overdue: [TriangleAlert, "danger"],
  signed: [CircleCheckBig, "ok"],
};

export function MonthChip({ state }: { state: Month["state"] }) {
  const t = useOversight();
  const [icon, tone] = LOOK[state];
  return (
    <Chip tone={tone} icon={icon} data-state={state} data-testid="or.state">
      {t(`or.state.${state}`)}
    </Chip>
  );
}
