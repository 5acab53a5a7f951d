import { Suspense, useEffect, useState } from "react";
import { onWish, rememberedCall, type Wish } from "@core/calls/current";
import { later } from "../later";
import { useLive } from "../live";

const CallCentre = later(() => import("./CallCentre"));

/** In every page of patients and clinicians: hears that it rings or that somebody wants to call, and only then loads what a call needs. */
export function CallHost() {
  const { socket } = useLive();
  const [first, setFirst] = useState<Wish | null>(afterReload);
  useEffect(() => {
    if (first) return;
    const leave = [socket.on("call.incoming", (frame) => setFirst({ type: "incoming", frame })), onWish(setFirst)];
    return () => leave.forEach((off) => off());
  }, [socket, first]);
  return first && (
    <Suspense>
      <CallCentre first={first} />
    </Suspense>
  );
}

function afterReload(): Wish | null {
  const call = rememberedCall();
  return call === null ? null : { type: "resume", call };
}
