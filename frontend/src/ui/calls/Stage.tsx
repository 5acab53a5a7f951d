import { useState } from "react";
import { MonitorUp, Move } from "lucide-react";
import type { CallState } from "@core/calls/current";
import { Button } from "../Button";
import { Face } from "./Face";
import { Picture } from "./Picture";
import { Captions } from "./slots";
import { useCallWords } from "./words";

const CORNERS = ["top-right", "bottom-right", "bottom-left", "top-left"] as const;

/** The other's picture, or their name; over a corner of it one's own. */
export function Stage({ call, name }: { call: CallState; name: string }) {
  const t = useCallWords();
  const [place, setPlace] = useState(0);
  const { own, theirs, local, remote, at } = call;
  const seen = remote !== null && (theirs.video || theirs.screen);
  return (
    <div className="k-stage" data-testid="k.stage" data-seen={seen}>
      {seen ? (
        <Picture stream={remote} className="k-remote" data-screen={theirs.screen} aria-label={t(theirs.screen ? "ca.theirScreen" : "ca.theirs", { name })} onFirst={markFirst} data-testid="k.remote" />
      ) : (
        <div className="k-noPicture">
          <Face name={name} ringing={call.stage === "calling"} />
          {at !== null && <p>{t("ca.noPicture", { name })}</p>}
        </div>
      )}
      {at !== null && !theirs.audio && <p className="k-note">{t("ca.theyMuted", { name })}</p>}
      {own.screen && (
        <p className="k-note" data-testid="k.sharing">
          <MonitorUp size={18} aria-hidden /> {t("ca.sharing")}
        </p>
      )}
      {own.video && local && (
        <div className="k-self" data-corner={CORNERS[place % CORNERS.length]}>
          <Picture stream={local} aria-label={t("ca.self")} data-testid="k.self" />
          <Button size="small" icon={Move} onClick={() => setPlace((now) => now + 1)} aria-label={t("ca.self.move")} data-testid="k.self.move">
            {t("ca.self.moveShort")}
          </Button>
        </div>
      )}
      <Captions call={call} />
    </div>
  );
}

function markFirst(): void {
  if (performance.getEntriesByName("call:first-frame").length === 0) performance.mark("call:first-frame");
}
