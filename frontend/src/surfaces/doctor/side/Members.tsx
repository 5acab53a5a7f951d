import { useState } from "react";
import { EyeOff, UserPlus } from "lucide-react";
import { useQueryClient } from "@tanstack/react-query";
import { newClientId } from "@core/ids";
import type { Person } from "@core/protocol";
import type { Side } from "@core/sides";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { useLive } from "@ui/live";
import { fullName } from "@ui/names";
import { RoomButton } from "@ui/rooms/RoomButton";
import { useLocale } from "@ui/settings";
import { useUi } from "@ui/words";
import { useT } from "../words";
import { PeoplePicker } from "./PeoplePicker";
import { toastError } from "@ui/toastError";

/** That the patient does not see this, who does, and asking somebody in. */
export function Members({ side, open }: { side: Side; open: boolean }) {
  const t = useT();
  const ui = useUi();
  const locale = useLocale();
  const [inviting, setInviting] = useState(false);
  return (
    <header className="d-side-head">
      <p className="d-side-hidden">
        <EyeOff size={18} aria-hidden />
        <strong>{t("d.side.hidden")}</strong>
      </p>
      <div className="row">
        <p className="secondary" data-testid="d.side.members">
          {t("d.side.members", { names: side.members.map((person) => fullName(person, locale)).join(ui("ui.listJoin")) })}
        </p>
        {open && <RoomButton thread={side.id} testid="d.side.room" />}
        {open && (
          <Button size="small" icon={UserPlus} onClick={() => setInviting(true)} aria-haspopup="dialog" data-testid="d.side.invite">
            {t("d.side.invite")}
          </Button>
        )}
      </div>
      {inviting && <InviteDialog side={side} onDone={() => setInviting(false)} />}
    </header>
  );
}

function InviteDialog({ side, onDone }: { side: Side; onDone: () => void }) {
  const t = useT();
  const { socket } = useLive();
  const queries = useQueryClient();
  const invite = async (person: Person) => {
    try {
      await socket.request({ type: "side.invite", consultation: side.id, client_id: newClientId(), person: person.id });
      toast(t("d.side.invited", { name: person.name }));
      await queries.invalidateQueries({ queryKey: ["side", side.about.consultation] });
      await queries.invalidateQueries({ queryKey: ["sides"] });
      onDone();
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <Dialog title={t("d.side.invite")} onClose={onDone} testid="d.side.invite.dialog">
      <p>{t("d.side.invite.what")}</p>
      <PeoplePicker label={t("d.people.search")} without={new Set(side.members.map((person) => person.id))} onPick={(person) => void invite(person)} />
    </Dialog>
  );
}
