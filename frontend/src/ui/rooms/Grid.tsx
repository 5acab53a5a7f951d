import { useQueryClient } from "@tanstack/react-query";
import type { Sitter } from "@core/rooms/view";
import { inLocale } from "@core/i18n";
import { Button } from "../Button";
import { Sound } from "../calls/Sound";
import { useSession } from "../live";
import { fullName } from "../names";
import { useLocale } from "../settings";
import { Tile } from "./Tile";
import type { InRoom } from "./useRoom";
import { useRoomWords } from "./words";
import { toastError } from "../toastError";

/** Everybody, oneself last: up to six. Who was invited stands there too, so that it is seen who may come. */
export function Grid({ entry, output }: { entry: InRoom; output: string }) {
  const t = useRoomWords();
  const me = useSession().person;
  const { view } = entry;
  const shown = view.sitters.filter((one) => one.state !== "left" || entry.inside?.host);
  const sounding = view.sitters.filter((one) => one.state === "in" && one.stream);
  return (
    <>
      <ul className="rm-grid" data-count={shown.length + 1} aria-label={t("rm.people")} data-testid="rm.grid">
        {shown.map((one) => (
          <Other key={one.person} entry={entry} one={one} />
        ))}
        <Tile name={t("rm.you")} picture={view.own.video || view.own.screen ? view.local : null} mirrored={!view.own.screen} screen={view.own.screen} muted={view.own.audio ? null : t("rm.muted")} state={null} person={me.id} />
      </ul>
      {sounding.map((one) => (
        <Sound key={one.person} stream={one.stream} output={output} />
      ))}
    </>
  );
}

function Other({ entry, one }: { entry: InRoom; one: Sitter }) {
  const t = useRoomWords();
  const locale = useLocale();
  const person = entry.people.get(one.person);
  const name = person ? fullName(person, locale) : t("ui.someone");
  const here = one.state === "in";
  const seen = here && one.stream !== null && (one.sends === null || one.sends.video || one.sends.screen);
  const state = one.state === "in" ? (one.stream ? null : t("rm.state.connecting")) : t(`rm.state.${one.state}`);
  const muted = here && one.sends?.audio === false ? t("rm.muted") : null;
  return (
    <Tile name={name} about={person?.department ? inLocale(person.department, locale) : undefined} picture={seen ? one.stream : null} screen={one.sends?.screen ?? false} muted={muted} state={state} person={one.person}>
      {entry.inside?.host && <Host entry={entry} one={one} name={name} />}
    </Tile>
  );
}

/** What its host does about one person. */
function Host({ entry: { room, inside }, one, name }: { entry: InRoom; one: Sitter; name: string }) {
  const t = useRoomWords();
  const queries = useQueryClient();
  const act = async (work: Promise<unknown>) => {
    try {
      await work;
      await queries.invalidateQueries({ queryKey: ["room", inside?.id] });
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <span className="row">
      {one.state === "left" && (
        <Button size="small" onClick={() => void act(room.invite(one.person))} aria-label={t("rm.invite.do", { name })}>
          {t("rm.invite")}
        </Button>
      )}
      <Button size="small" variant="quiet" onClick={() => void act(room.remove(one.person))} data-testid="rm.remove">
        {t("rm.remove")}
      </Button>
    </span>
  );
}
