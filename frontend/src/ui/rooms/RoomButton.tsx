import { UsersRound } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { isBusy, missingForCalls } from "@core/calls/current";
import { getDoor } from "@core/rooms/desk";
import { toast } from "../announce";
import { Button } from "../Button";
import { useCall } from "../calls/useCall";
import { useConnection } from "../live";
import { go } from "../router";
import { useTalkWords } from "../talk/words";

/** In the head of a conversation: to its room, or to open one. Where it cannot be done now it says why instead. */
export function RoomButton({ thread, testid }: { thread: string; testid: string }) {
  const t = useTalkWords();
  const { data: door } = useQuery({ queryKey: ["room-door", thread], queryFn: () => getDoor(thread), refetchInterval: 15_000 });
  const busy = isBusy(useCall());
  const online = useConnection() === "online";
  if (!door || (!door.may_open && door.room === null)) return null;
  const why = !door.available ? t("tk.room.off") : busy ? t("tk.call.not.busy") : !online ? t("tk.call.not.offline") : missingForCalls() ? t(`tk.call.not.${missingForCalls() ?? "unsupported"}`) : null;
  const press = () => (why ? toast(why) : go(door.room ? `/room/${door.room}` : `/room/new/${thread}`));
  return (
    <Button size="small" icon={UsersRound} aria-disabled={why !== null} title={why ?? undefined} onClick={press} data-testid={testid} data-room={door.room ?? undefined}>
      {t(door.room ? "tk.room.join" : "tk.room")}
    </Button>
  );
}
