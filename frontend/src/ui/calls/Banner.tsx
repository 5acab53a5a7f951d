import { useEffect, useState } from "react";
import { Video } from "lucide-react";
import { Button } from "../Button";
import type { CallProps } from "./CallCentre";
import { DeviceTrouble } from "./DeviceTrouble";
import { PhoneInstead } from "./PhoneInstead";
import { useCallWords } from "./words";

/** From then on another way to talk is offered, ms: while it rings or connects, and after sound was lost. */
const SLOW_MS = 20_000;
const LOST_MS = 30_000;

/** What is not as it should be, in a sentence, with what can be done about it. */
export function Banner({ calls, call, name }: CallProps & { name: string }) {
  const t = useCallWords();
  const { trouble, troubleSince, thinned, micProblem, cameraProblem, stage } = call;
  const slow = useLater(stage === "calling" || stage === "connecting" ? stage : null, SLOW_MS);
  const lost = useLater(trouble && troubleSince, LOST_MS);
  if (trouble) {
    return (
      <div className="k-banner" data-tone="warn" data-testid="k.banner" data-trouble={trouble}>
        <p>{t(`ca.trouble.${trouble}`, { name })}</p>
        {lost && <PhoneInstead />}
      </div>
    );
  }
  if (thinned) {
    return (
      <div className="k-banner" data-tone="warn" role="status" data-testid="k.banner" data-trouble="thinned">
        <p>{t("ca.thinned")}</p>
        <Button size="small" icon={Video} onClick={() => void calls.tools?.camera(true)}>
          {t("ca.camera.again")}
        </Button>
      </div>
    );
  }
  if (call.at !== null && micProblem) return <DeviceTrouble device="mic" problem={micProblem} />;
  if (cameraProblem) return <DeviceTrouble device="camera" problem={cameraProblem} />;
  if (!slow) return null;
  return (
    <div className="k-banner" role="status" data-testid="k.banner" data-trouble="slow">
      <p>{t(stage === "calling" ? "ca.slow.calling" : "ca.slow.connecting")}</p>
      <PhoneInstead />
    </div>
  );
}

/** True once `what` has lasted so long. */
function useLater(what: string | number | null, pause: number): boolean {
  const [late, setLate] = useState<string | number | null>(null);
  useEffect(() => {
    if (what === null) return;
    const timer = setTimeout(() => setLate(what), pause);
    return () => clearTimeout(timer);
  }, [what, pause]);
  return what !== null && late === what;
}
