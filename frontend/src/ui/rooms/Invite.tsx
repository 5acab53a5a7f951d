import { useState } from "react";
import { UserPlus } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { inLocale } from "@core/i18n";
import type { Person } from "@core/protocol";
import { getDoor } from "@core/rooms/desk";
import { toast } from "../announce";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { fullName } from "../names";
import { useLocale } from "../settings";
import { Fetched } from "../states";
import type { InRoom } from "./useRoom";
import { useRoomWords } from "./words";
import { toastError } from "../toastError";

/** For the host: whom of the discussion, and of the patient's side, to ask in. */
export function Invite({ entry, thread }: { entry: InRoom; thread: string }) {
  const t = useRoomWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={UserPlus} aria-haspopup="dialog" onClick={() => setOpen(true)} data-testid="rm.invite">
        {t("rm.invite")}
      </Button>
      {open && <Guests entry={entry} thread={thread} onClose={() => setOpen(false)} />}
    </>
  );
}

function Guests({ entry: { room, view }, thread, onClose }: { entry: InRoom; thread: string; onClose: () => void }) {
  const t = useRoomWords();
  const locale = useLocale();
  const door = useQuery({ queryKey: ["room-door", thread], queryFn: () => getDoor(thread) });
  const here = new Set(view.sitters.filter((one) => one.state !== "left").map((one) => one.person));
  const about = (person: Person) => (person.role === "patient" ? t("rm.invite.patient") : person.department ? inLocale(person.department, locale) : "");
  const invite = async (person: Person) => {
    onClose();
    try {
      await room.invite(person.id);
      toast(t("rm.invited", { name: person.name }));
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Dialog title={t("rm.invite.title")} onClose={onClose} testid="rm.invite.dialog">
      <Fetched query={door} isEmpty={({ guests }) => guests.length === 0} empty={<p>{t("rm.invite.none")}</p>}>
        {({ guests }) => (
          <ul className="rm-guests">
            {guests.map((person) => (
              <li key={person.id}>
                <span>
                  <strong>{fullName(person, locale)}</strong> <span className="secondary">{about(person)}</span>
                </span>
                <Button size="small" aria-disabled={here.has(person.id)} onClick={() => !here.has(person.id) && void invite(person)} aria-label={t("rm.invite.do", { name: person.name })} data-testid={`rm.invite.${person.id}`}>
                  {t("rm.invite")}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Fetched>
    </Dialog>
  );
}
