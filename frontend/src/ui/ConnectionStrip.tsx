import { useEffect, useRef } from "react";
import { CloudOff, RefreshCw } from "lucide-react";
import { announce } from "./announce";
import { useAway } from "./live";
import { useUi, type UiId } from "./words";
import "./connection.css";

/** 32 px under the header, only when the connection is not normal; it covers nothing. */
export function ConnectionStrip() {
  const t = useUi();
  const away = useAway();
  const word: UiId | null = away === null ? null : away === "offline" ? "ui.offline" : away === "refused" ? "ui.refused" : "ui.reconnecting";
  const wasAway = useRef(false);
  useEffect(() => {
    if (word) announce(t(word));
    else if (wasAway.current) announce(t("ui.online"));
    wasAway.current = word !== null;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- spoken when the state changes, not when the language does
  }, [word]);
  const conn = away === null ? "online" : away === "offline" ? "offline" : "reconnecting";
  if (!word) return <div data-conn={conn} data-testid="x.connection" hidden />;
  const Icon = away === "offline" ? CloudOff : RefreshCw;
  return (
    <div className="x-connection" data-conn={conn} data-testid="x.connection">
      <Icon size={16} aria-hidden />
      <p>{t(word)}</p>
    </div>
  );
}
