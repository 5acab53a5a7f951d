import { CircleDot, CircleStop } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Recording } from "@core/calls/current";
import { refuser, turned } from "@core/rooms/consent";
import { SHEET } from "@core/rooms/room";
import { announce, toast } from "../announce";
import { Button } from "../Button";
import { ConsentQuestion } from "../calls/ConsentQuestion";
import { Dialog } from "../Dialog";
import { useSession } from "../live";
import { fullName } from "../names";
import { useLocale } from "../settings";
import type { InRoom } from "./useRoom";
import { useRoomWords } from "./words";
import { toastError } from "../toastError";

/** Tries, and says in words what did not work. */
function attempt(work: Promise<unknown>): void {
  void work.catch(toastError);
}

/** Among the controls: ask for a recording, stop it. */
export function RecordButton({ entry: { room, view } }: { entry: InRoom }) {
  const t = useRoomWords();
  const me = useSession().person.id;
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
  const agreed = view.recording?.answers.some((one) => one.person === me && one.granted) ?? false;
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
          {state === "stopped" && agreed && (
            <Button onClick={then(() => room.answer(false))} data-testid="rm.rec.takeBack">
              {t("rm.rec.takeBack")}
            </Button>
          )}
        </Dialog>
      )}
    </>
  );
}

/** Each turn of it is said once. */
export function useTold({ view: { recording }, people }: InRoom): void {
  const t = useRoomWords();
  const me = useSession().person.id;
  const nameOf = useNames(people);
  const told = useRef<Recording | null>(null);
  useEffect(() => {
    if (!recording) return;
    const turn = turned(told.current, recording, me);
    told.current = recording;
    if (turn) (turn === "asked" ? announce : toast)(t(`rm.turn.${turn}`, { name: nameOf(refuser(recording)) }));
  });
}

function useNames(people: InRoom["people"]): (person: string | undefined) => string {
  const t = useRoomWords();
  const locale = useLocale();
  return (id) => {
    const person = people.get(id ?? "");
    return person ? fullName(person, locale) : t("ui.someone");
  };
}

/** For whoever asked: who has agreed, and whose answer is waited for. */
export function Answers({ entry: { view, people } }: { entry: InRoom }) {
  const t = useRoomWords();
  const locale = useLocale();
  const me = useSession().person.id;
  const nameOf = useNames(people);
  const { recording } = view;
  if (recording?.state !== "asked" || recording.asked_by !== me) return null;
  const said = (granted: boolean | null) => {
    const names = recording.answers.filter((one) => one.person !== me && one.granted === granted).map((one) => nameOf(one.person));
    return names.length > 0 && new Intl.ListFormat(locale, { type: "conjunction" }).format(names);
  };
  const [agreed, waiting] = [said(true), said(null)];
  return (
    <p role="status" data-testid="rm.rec.answers">
      {agreed && <span>{t("rm.rec.agreed", { names: agreed })}</span>}
      {waiting && <span>{t("rm.rec.waitingFor", { names: waiting })}</span>}
    </p>
  );
}

/** Asked of everybody who has not answered yet. */
export function ConsentSheet({ entry: { room, view, people } }: { entry: InRoom }) {
  const t = useRoomWords();
  const me = useSession().person.id;
  const nameOf = useNames(people);
  const { recording } = view;
  const mine = recording?.answers.find((one) => one.person === me);
  if (recording?.state !== "asked" || mine?.granted !== null) return null;
  const answer = (granted: boolean) => attempt(room.answer(granted));
  return (
    <ConsentQuestion title={t("rm.rec.title", { name: nameOf(recording.asked_by) })} yes={t("rm.rec.yes")} no={t("rm.rec.no")} answer={answer} testid="rm.rec">
      <Terms version={recording.text_version} />
    </ConsentQuestion>
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
