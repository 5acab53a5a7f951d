import { useEffect, useEffectEvent, useRef, useSyncExternalStore, type ComponentType } from "react";
import { Cable, CloudOff, RefreshCw } from "lucide-react";
import { onUpdate, readyUpdate } from "@core/updates";
import { announce } from "./announce";
import { Button } from "./Button";
import { useAway, useSlow } from "./live";
import { useUi, type UiId } from "./words";
import "./connection.css";

type State = "offline" | "refused" | "reconnecting" | "slow";

const LOOK: Record<State, [ComponentType<{ size?: number; "aria-hidden"?: boolean }>, UiId]> = {
  offline: [CloudOff, "ui.offline"],
  refused: [RefreshCw, "ui.refused"],
  reconnecting: [RefreshCw, "ui.reconnecting"],
  slow: [Cable, "ui.slow"],
};

/** 32 px under the header, only when the connection is not normal; it covers nothing. */
export function ConnectionStrip() {
  const t = useUi();
  const state = useTrouble();
  const say = useEffectEvent((id: UiId) => announce(t(id)));
  const before = useRef<State | null>(null);
  useEffect(() => {
    if (state) say(LOOK[state][1]);
    else if (before.current) say("ui.online");
    before.current = state;
  }, [state]);
  const works = state === null || state === "slow";
  const conn = works ? "online" : state === "offline" ? "offline" : "reconnecting";
  const update = useSyncExternalStore(onUpdate, readyUpdate);
  if (update && works) return <Update conn={conn} use={update} />;
  if (!state) return <div data-conn={conn} data-testid="x.connection" hidden />;
  const [Icon, word] = LOOK[state];
  return (
    <section className="x-connection" aria-label={t("ui.connection")} data-conn={conn} data-slow={state === "slow"} data-testid="x.connection">
      <Icon size={16} aria-hidden />
      <p>{t(word)}</p>
    </section>
  );
}

function useTrouble(): State | null {
  const away = useAway();
  const slow = useSlow();
  if (away === null) return slow ? "slow" : null;
  return away === "offline" || away === "refused" ? away : "reconnecting";
}

/** A newer version waits for the next start; whoever wants it now says so. */
function Update({ conn, use }: { conn: string; use: () => void }) {
  const t = useUi();
  return (
    <section className="x-connection" aria-label={t("ui.connection")} data-conn={conn} data-testid="x.connection">
      <p>{t("ui.update")}</p>
      <Button size="small" variant="quiet" onClick={use} data-testid="x.update">
        {t("ui.update.now")}
      </Button>
    </section>
  );
}
