import { Suspense, useEffect, useState } from "react";
import { onTimeAsked, onWish, rememberedCall, type Wish } from "@core/calls/current";
import type { FrameOf } from "@core/protocol";
import { later } from "../later";
import { useLive } from "../live";

const CallCentre = later(() => import("./CallCentre"));
const PlanDialog = later(() => import("./PlanDialog"));
const PlanHost = later(() => import("./PlanHost"));
const RoomRing = later(() => import("../rooms/RoomRing"));

/** In every page of patients and clinicians: hears that it rings or that somebody wants to call, and only then loads what a call needs. */
export function CallHost() {
  const { socket } = useLive();
  const [first, setFirst] = useState<Wish | null>(afterReload);
  useEffect(() => {
    if (first) return;
    const leave = [socket.on("call.incoming", (frame) => setFirst({ type: "incoming", frame })), onWish(setFirst)];
    return () => leave.forEach((off) => off());
  }, [socket, first]);
  const asked = useInvitation();
  const [planning, setPlanning] = useState<string | null>(null);
  const [due, setDue] = useState<FrameOf<"call.due"> | null>(null);
  useEffect(() => onTimeAsked(setPlanning), []);
  useEffect(() => socket.on("call.due", setDue), [socket]);
  return (
    <>
      {first && (
        <Suspense>
          <CallCentre first={first} />
        </Suspense>
      )}
      {planning && (
        <Suspense>
          <PlanDialog consultation={planning} onDone={() => setPlanning(null)} />
        </Suspense>
      )}
      {due && (
        <Suspense>
          <PlanHost due={due} />
        </Suspense>
      )}
      {asked && (
        <Suspense>
          <RoomRing first={asked} />
        </Suspense>
      )}
    </>
  );
}

/** The first invitation to a room of several people. */
function useInvitation(): FrameOf<"room.invited"> | null {
  const { socket } = useLive();
  const [asked, setAsked] = useState<FrameOf<"room.invited"> | null>(null);
  useEffect(() => (asked ? undefined : socket.on("room.invited", setAsked)), [socket, asked]);
  return asked;
}

function afterReload(): Wish | null {
  const kept = rememberedCall();
  return kept && { type: "resume", kept };
}
