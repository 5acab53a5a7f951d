import { useEffect, useEffectEvent, useMemo } from "react";
import { Calls } from "@core/calls/calls";
import { isBusy, type CallState, type Wish } from "@core/calls/current";
import { announce, toast } from "../announce";
import { useLive } from "../live";
import { go } from "../router";
import { useLeaveGuard } from "../useLeaveGuard";
import { useUi } from "../words";
import { alertPermission, showAlert } from "./alert";
import { AfterCall } from "./AfterCall";
import { CallWindow } from "./CallWindow";
import { DeviceCheck } from "./DeviceCheck";
import { Ring } from "./Ring";
import { sameEnd } from "./endings";
import { useAwake } from "./useAwake";
import { useCall } from "./useCall";
import { usePage, usePeer } from "./usePeer";
import { useCallWords, type CallId } from "./words";
import "./calls.css";

export { callWords as words } from "./words";

/** The page's call in all its states, over whatever page is open. `first`: what made it load. */
export default function CallCentre({ first }: { first: Wish }) {
  const { socket, session } = useLive();
  const me = session.person.id;
  const calls = useMemo(() => new Calls(socket, me), [socket, me]);
  const begin = useEffectEvent(() => calls.start(first));
  useEffect(() => {
    void begin();
    return () => calls.stop();
  }, [calls]);
  const call = useCall();
  // The other side would be left waiting.
  useLeaveGuard(isBusy(call) && call?.at !== null);
  useAwake(isBusy(call) && call?.at !== null);
  return call && <Shown key={call.consultation} calls={calls} call={call} />;
}

export interface CallProps {
  calls: Calls;
  call: CallState;
}

function Shown({ calls, call }: CallProps) {
  useSpoken(call);
  const gone = useQuietEnd(calls, call);
  if (gone) return null;
  if (call.stage === "ringing") return <Ring calls={calls} call={call} />;
  if (call.stage === "checking") return <DeviceCheck calls={calls} call={call} />;
  if (call.stage === "ended") return <AfterCall calls={calls} call={call} />;
  return <CallWindow calls={calls} call={call} />;
}

/** A ring that stopped needs no page of its own: a sentence says why, and the conversation keeps it. */
function useQuietEnd(calls: Calls, call: CallState): boolean {
  const t = useCallWords();
  const quiet = call.stage === "ended" && call.direction === "in" && call.at === null && call.error === null;
  const end = sameEnd(call.ended);
  const page = usePage(call.consultation);
  const product = useUi()("ui.product");
  useEffect(() => {
    if (!quiet) return;
    calls.close();
    if (end === "elsewhere") return toast(t("ca.end.elsewhere"));
    toast(t("ca.end.missedByMe"), { action: { label: t("ca.backToChat"), run: () => go(page) } });
    if (document.hidden && alertPermission() === "granted") void showAlert(product, t("ca.alert.missed"), false).catch(() => undefined);
  }, [quiet, end, calls, t, page, product]);
  return quiet;
}

/** Each change is said once; the clock is not read out. */
function useSpoken({ stage, trouble, own, direction, peer }: CallState): void {
  const t = useCallWords();
  const { name } = usePeer();
  const say = useEffectEvent((id: CallId, how?: "assertive") => announce(t(id, { name }), how));
  useEffect(() => {
    if (stage === "calling") say("ca.calling");
    if (stage === "connected") say("ca.connected", "assertive");
  }, [stage, direction, peer]);
  useEffect(() => {
    if (trouble) say(`ca.trouble.${trouble}`, "assertive");
  }, [trouble]);
  const muted = stage === "connected" && !own.audio;
  useEffect(() => {
    if (muted) say("ca.muted");
  }, [muted]);
}
