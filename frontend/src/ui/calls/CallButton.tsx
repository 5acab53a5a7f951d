import { Suspense, useState } from "react";
import { Phone } from "lucide-react";
import { isBusy, missingForCalls } from "@core/calls/current";
import type { ConsultationDetail } from "@core/consultations";
import { toast } from "../announce";
import { Button } from "../Button";
import { later } from "../later";
import { useConnection, useSlow } from "../live";
import { useTalkWords } from "../talk/words";
import { useCall } from "./useCall";

const CallChoice = later(() => import("./CallChoice"));

/** In the head of a conversation whose reader may call. Where it cannot be done now it says why instead. */
export function CallButton({ detail, testid }: { detail: ConsultationDetail; testid: string }) {
  const t = useTalkWords();
  const [choosing, setChoosing] = useState(false);
  const why = useHindrance();
  const press = () => (why ? toast(t(`tk.call.not.${why}`)) : setChoosing(true));
  return (
    <>
      <Button size="small" icon={Phone} aria-haspopup="dialog" aria-disabled={why !== null} title={why ? t(`tk.call.not.${why}`) : undefined} onClick={press} data-testid={testid} data-why={why ?? undefined}>
        {t("tk.call")}
      </Button>
      {choosing && (
        <Suspense>
          <CallChoice detail={detail} onClose={() => setChoosing(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Why nobody can be called from here now. */
function useHindrance(): "busy" | "offline" | "slow" | "insecure" | "unsupported" | null {
  const busy = isBusy(useCall());
  const slow = useSlow();
  const online = useConnection() === "online";
  if (busy) return "busy";
  return missingForCalls() ?? (!online ? "offline" : slow ? "slow" : null);
}
