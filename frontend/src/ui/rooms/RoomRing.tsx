import { useEffect, useState } from "react";
import { LogIn } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import type { FrameOf } from "@core/protocol";
import { getInside } from "@core/rooms/desk";
import { Button } from "../Button";
import { startRinging } from "../calls/ringtone";
import { Dialog } from "../Dialog";
import { useLive } from "../live";
import { fullName } from "../names";
import { go } from "../router";
import { useLocale } from "../settings";
import { roomWords, useRoomWords } from "./words";

export { roomWords as words };

/** Somebody asks this person into a room. `first`: what made the page load this. */
export default function RoomRing({ first }: { first: FrameOf<"room.invited"> }) {
  const { socket } = useLive();
  const [asked, setAsked] = useState<FrameOf<"room.invited"> | null>(first);
  useEffect(() => {
    const over = ({ call }: { call: string }) => setAsked((now) => (now?.call === call ? null : now));
    const leave = [socket.on("room.invited", setAsked), socket.on("call.ended", over), socket.on("call.answered_elsewhere", over)];
    return () => leave.forEach((off) => off());
  }, [socket]);
  return asked && <Asked key={asked.call} asked={asked} onDone={() => setAsked(null)} />;
}

function Asked({ asked, onDone }: { asked: FrameOf<"room.invited">; onDone: () => void }) {
  const t = useRoomWords();
  const locale = useLocale();
  const { socket, session } = useLive();
  const { data } = useQuery({ queryKey: ["room", asked.call], queryFn: () => getInside(asked.call) });
  const host = data?.people.find((one) => one.id === asked.by);
  useEffect(() => startRinging("in"), []);
  const join = () => {
    onDone();
    go(`/room/${asked.call}`);
  };
  const decline = () => {
    socket.tell({ type: "call.decline", call: asked.call });
    onDone();
  };
  const actions = (
    <>
      <Button onClick={decline} data-testid="rm.ring.decline">
        {t("rm.ring.decline")}
      </Button>
      <Button variant="primary" icon={LogIn} onClick={join} data-testid="rm.ring.join">
        {t("rm.ring.join")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("rm.ring", { name: host ? fullName(host, locale) : t("ui.someone") })} onClose={decline} shape={session.surface === "patient" ? "sheet" : "dialog"} actions={actions} testid="rm.ring">
      <p>{t("rm.ring.what")}</p>
    </Dialog>
  );
}
