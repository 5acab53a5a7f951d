import { useEffect, useMemo, useSyncExternalStore } from "react";
import { LiveCaptions, type Shown } from "@core/calls/captions/captions";
import type { Line } from "@core/calls/captions/lines";
import { currentCall, type CallState } from "@core/calls/current";
import { usePeer } from "../calls/usePeer";
import { useLive } from "../live";
import { statesOf } from "./useConsent";
import { useCaptionWords } from "./words";
import "./captions.css";

export { captionWords as words } from "./words";

/** Over the lower edge of the picture: the last lines, who says them, and that a machine wrote them. */
export default function CaptionLines({ call }: { call: CallState }) {
  const t = useCaptionWords();
  const { session, socket } = useLive();
  const me = session.person.id;
  const captions = useMemo(() => new LiveCaptions(socket, me), [socket, me]);
  useEffect(() => {
    captions.start(currentCall());
    return () => captions.stop();
  }, [captions]);
  const shown = useSyncExternalStore(captions.subscribe, captions.shown);
  const state = stateOf(call, me, shown);
  const { name } = usePeer();
  if (!call.captions) return null;
  return (
    <section className="cs-box" data-surface={session.surface === "patient" ? "patient" : "staff"} data-state={state ?? "on"} aria-label={t("cs.captions")} data-testid="k.captions">
      {shown.lines.map((line) => (
        <p key={line.key} className="cs-line" data-final={line.final} data-mine={line.person === me} data-testid="k.captions.line">
          <Speaker line={line} me={me} name={name} /> {line.text}
        </p>
      ))}
      {state && (
        <p className="cs-state" role="status" data-testid="k.captions.state">
          {t(`cs.state.${state}`, { name })}
        </p>
      )}
      <p className="cs-label">{t("cs.label")}</p>
      <Spoken lines={shown.lines.filter((one) => one.final && one.person !== me)} name={name} />
    </section>
  );
}

function Speaker({ line, me, name }: { line: Line; me: string; name: string }) {
  const t = useCaptionWords();
  const patient = useLive().session.surface === "patient";
  const mine = line.person === me;
  const side = t(mine === patient ? "cs.side.patient" : "cs.side.staff");
  return <b>{t("cs.speaker", { name: mine ? t("cs.you") : name, side })}</b>;
}

/** For whoever has a braille line: what the other said, once it is sure, and never one's own words. */
function Spoken({ lines, name }: { lines: readonly Line[]; name: string }) {
  return (
    <div role="log" aria-live="polite" className="cs-spoken">
      {lines.map((line) => (
        <p key={line.key}>
          {name}: {line.text}
        </p>
      ))}
    </div>
  );
}

type State = "waiting" | "refused" | "mine" | "listening" | NonNullable<Shown["trouble"]>;

/** What has to be said beside the lines; null: they say it all. */
function stateOf(call: CallState, me: string, { trouble, lines }: Shown): State | null {
  if (trouble) return trouble;
  const { mine, theirs } = statesOf(call, me);
  if (theirs === "asked") return "waiting";
  if (theirs === "off") return "refused";
  if (mine === "off") return "mine";
  return lines.length ? null : "listening";
}
