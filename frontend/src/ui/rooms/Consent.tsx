import { CircleDot, CircleStop } from "lucide-react";
import { useState } from "react";
import { codedFrom } from "@core/errors";
import { SHEET } from "@core/rooms/room";
import { toast } from "../announce";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { useSession } from "../live";
import { errorText } from "../states";
import type { InRoom } from "./useRoom";
import { useRoomWords } from "./words";

/** Tries, and says in words what did not work. */
function attempt(work: Promise<unknown>): void {
  void work.catch((error: unknown) => toast(errorText(codedFrom(error)), { tone: "danger" }));
}

/** Among the controls: ask for a recording, stop it. */
export function RecordButton({ entry: { room, view } }: { entry: InRoom }) {
  const t = useRoomWords();
  const [open, setOpen] = useState(false);
  const state = view.recording?.state;
  if (state === "asked") {
    return (
      <Button icon={CircleDot} aria-disabled data-testid="rm.rec.waiting">
        {t("rm.rec.waiting")}
      </Button>
    );
  }
  const on = state === "on";
  const close = () => setOpen(false);
  const then = (work: () => Promise<unknown>) => () => {
    attempt(work());
    close();
  };
  return (
    <>
      <Button icon={on ? CircleStop : CircleDot} aria-haspopup="dialog" onClick={() => setOpen(true)} data-testid={on ? "rm.rec.stop" : "rm.rec.ask"}>
        {t(on ? "rm.rec.stop" : "rm.rec.ask")}
      </Button>
      {open && on && (
        <Dialog title={t("rm.rec.stop.title")} onClose={close} testid="rm.rec.stop.sheet">
          <div className="rm-choices">
            <Button variant="primary" size="main" onClick={then(() => room.stopRecording())} data-testid="rm.rec.stop.keep">
              {t("rm.rec.stop.keep")}
            </Button>
            <Button size="main" onClick={then(() => room.answer(false))} data-testid="rm.rec.stop.delete">
              {t("rm.rec.stop.delete")}
            </Button>
          </div>
        </Dialog>
      )}
      {open && !on && (
        <Dialog title={t("rm.rec.title.ask")} onClose={close} testid="rm.rec.ask.sheet" actions={<Button variant="primary" onClick={then(() => room.record())} data-testid="rm.rec.ask.do">{t("rm.rec.do")}</Button>}>
          <Terms version={SHEET} />
        </Dialog>
      )}
    </>
  );
}

/** Asked of everybody who has not answered yet. */
export function ConsentSheet({ entry: { room, view } }: { entry: InRoom }) {
  const t = useRoomWords();
  const { person, surface } = useSession();
  const { recording } = view;
  const mine = recording?.answers.find((one) => one.person === person.id);
  if (recording?.state !== "asked" || mine?.granted !== null) return null;
  const answer = (granted: boolean) => attempt(room.answer(granted));
  const actions = (
    <>
      <Button onClick={() => answer(false)} data-testid="rm.rec.no">
        {t("rm.rec.no")}
      </Button>
      <Button variant="primary" onClick={() => answer(true)} data-testid="rm.rec.yes">
        {t("rm.rec.yes")}
      </Button>
    </>
  );
  return (
    <Dialog title={t("rm.rec.title")} onClose={() => answer(false)} shape={surface === "patient" ? "sheet" : "dialog"} actions={actions} testid="rm.rec.sheet">
      <Terms version={recording.text_version} />
    </Dialog>
  );
}

function Terms({ version }: { version: string }) {
  const t = useRoomWords();
  return (
    <>
      <p>{t("rm.rec.what")}</p>
      <p>{t("rm.rec.all")}</p>
      <p>{t("rm.rec.withdraw")}</p>
      <p className="meta">{t("rm.rec.version", { version })}</p>
    </>
  );
}
