import { useEffect, useRef, useState } from "react";
import { LogIn } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import type { FrameOf } from "@core/protocol";
import { getInside } from "@core/rooms/desk";
import { toast } from "../announce";
import { Button } from "../Button";
import { useRinging } from "../calls/useRinging";
import { Dialog } from "../Dialog";
import { useLive } from "../live";
import { fullName } from "../names";
import { go } from "../router";
import { useLocale } from "../settings";
import { roomWords, useRoomWords } from "./words";

export { roomWords as words };

/** After a lost connection the server says again what rings; what it does not name rings no more. */
const RING_AGAIN_MS = 4_000;
/** The server says when nobody answers; for a page that cannot hear it, so much later. */
const RING_LATE_MS = 3_000;
/** A clock that is wrong rings too long or too short, never for ever, never not at all. */
const RING_MS = { least: 20_000, most: 180_000 };

/** Somebody asks this person into a room. `first`: what made the page load this. */
export default function RoomRing({ first }: { first: FrameOf<"room.invited"> }) {
  const [asked, setAsked] = useState<FrameOf<"room.invited"> | null>(first);
  useEnding(asked, setAsked);
  return asked && <Asked key={asked.call} asked={asked} onDone={() => setAsked(null)} />;
}

/** Hears of invitations, and of what ends one that nobody answered here; says so. */
function useEnding(asked: FrameOf<"room.invited"> | null, show: (asked: FrameOf<"room.invited"> | null) => void): void {
  const t = useRoomWords();
  const { socket } = useLive();
  const words = useRef(t);
  useEffect(() => {
    words.current = t;
  });
  useEffect(() => {
    if (!asked) return socket.on("room.invited", show);
    const ended = () => {
      show(null);
      toast(words.current("rm.ring.over"));
    };
    const left = asked.until - Date.now() + RING_LATE_MS;
    let timer = setTimeout(ended, Math.min(Math.max(left, RING_MS.least), RING_MS.most));
    const again = () => {
      clearTimeout(timer);
      timer = setTimeout(ended, RING_AGAIN_MS);
    };
    const over = ({ call }: { call: string }) => call === asked.call && ended();
    const leave = [socket.on("room.invited", show), socket.on("call.ended", over), socket.on("call.answered_elsewhere", over), socket.on("welcome", again)];
    return () => {
      clearTimeout(timer);
      leave.forEach((off) => off());
    };
  }, [socket, asked, show]);
}

function Asked({ asked, onDone }: { asked: FrameOf<"room.invited">; onDone: () => void }) {
  const t = useRoomWords();
  const locale = useLocale();
  const { socket, session } = useLive();
  const { data } = useQuery({ queryKey: ["room", asked.call], queryFn: () => getInside(asked.call) });
  const host = data?.people.find((one) => one.id === asked.by);
  const title = t("rm.ring", { name: host ? fullName(host, locale) : t("ui.someone") });
  useRinging(title, t("rm.ring.alert"));
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
    <Dialog title={title} onClose={decline} shape={session.surface === "patient" ? "sheet" : "dialog"} actions={actions} testid="rm.ring">
      <p>{t("rm.ring.what")}</p>
    </Dialog>
  );
}
