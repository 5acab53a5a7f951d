import type { ComponentType } from "react";
import { CircleCheckBig, PenLine } from "lucide-react";
import { Chip, type Tone } from "@ui/Chip";
import { GrantChip } from "../Grants";
import type { SampleBrief } from "./api";
import { useSampling } from "./words";

const SIGNED: Record<"signed" | "closed", [ComponentType<{ size?: number; "aria-hidden"?: boolean }>, Tone]> = {
  signed: [PenLine, "warn"],
  closed: [CircleCheckBig, "ok"],
};

/** Until it is signed, a sample stands as its grant does. */
export function SampleChip({ state }: { state: SampleBrief["state"] }) {
  const t = useSampling();
  if (state !== "signed" && state !== "closed") return <GrantChip state={state} />;
  const [icon, tone] = SIGNED[state];
  return (
    <Chip tone={tone} icon={icon} data-state={state} data-testid="qs.state">
      {t(`qs.state.${state}`)}
    </Chip>
  );
}
