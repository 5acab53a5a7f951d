import { clock, day } from "@core/format";
import type { Person } from "@core/protocol";
import { useLocale } from "@ui/settings";
import type { SealedEvent } from "./api";
import { carried, contentsOf } from "./timeline";
import { useEventName } from "./CaseEvent";
import { useT } from "./words";

/** The table of contents of a case: each turn, and where each day begins. */
export function CaseContents({ events, people, onGo }: { events: readonly SealedEvent[]; people: ReadonlyMap<string, Person>; onGo: (seq: number) => void }) {
  const t = useT();
  const locale = useLocale();
  const nameOf = useEventName();
  const listed = contentsOf(events);
  return (
    <nav className="c-contents" aria-labelledby="contents-h" data-region tabIndex={-1}>
      <h2 id="contents-h">{t("c.viewer.contents")}</h2>
      <ol>
        {listed.map((event, i) => {
          const before = listed[i - 1];
          const what = carried(event);
          const newDay = !before || new Date(before.at).toDateString() !== new Date(event.at).toDateString();
          return (
            <li key={event.seq}>
              {newDay && <p className="meta">{day(event.at, locale)}</p>}
              <button type="button" className="c-contents-link" onClick={() => onGo(event.seq)} data-testid="c.viewer.contents">
                <span className="tabular meta">{clock(event.at)}</span> {nameOf(event, (event.sender && people.get(event.sender)) || null)}
                {what && ` · ${t(`c.carried.${what}`)}`}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
