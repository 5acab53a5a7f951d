import { useRef } from "react";
import type { Person } from "@core/protocol";
import { DaySeparator } from "@ui/DaySeparator";
import type { OpenedCase } from "./api";
import { CaseContents } from "./CaseContents";
import { CaseEvent } from "./CaseEvent";
import { caseRows, fates, firstSeen, type CaseRow, type Fate } from "./timeline";
import { useT } from "./words";

const LONG = 300;

/** The case as both sides saw it, every act in its place. Arrows go from one to the next; so do [ and ]. */
export function CaseTimeline({ opened, layer }: { opened: OpenedCase; layer: boolean }) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  const people = new Map(opened.people.map((person) => [person.id, person]));
  const seen = firstSeen(opened.events);
  const ends = fates(opened.events);
  return (
    <div className="c-timeline-area">
      <CaseContents events={opened.events} people={people} onGo={(seq) => goTo(list.current, seq)} />
      <section aria-labelledby="timeline-h" className="c-timeline-pane">
        <h2 id="timeline-h" className="sr-only">
          {t("c.viewer.timeline")}
        </h2>
        {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- walked with the keyboard, see below */}
        <div ref={list} className="c-timeline" data-region data-layer={layer} data-long={opened.events.length > LONG} tabIndex={-1} onKeyDown={walk} data-testid="c.viewer.timeline">
          <ol>
            {caseRows(opened.events).map((row) => (
              <li key={row.key}>
                <Row row={row} people={people} seen={seen} ends={ends} layer={layer} />
              </li>
            ))}
          </ol>
        </div>
      </section>
    </div>
  );
}

function Row({ row, people, seen, ends, layer }: { row: CaseRow; people: ReadonlyMap<string, Person>; seen: ReturnType<typeof firstSeen>; ends: ReadonlyMap<number, Fate>; layer: boolean }) {
  const t = useT();
  if (row.type === "day") return <DaySeparator at={row.at} />;
  if (row.type === "gap") {
    return (
      <p className="c-gap" role="note" data-testid="c.viewer.gap">
        {t("c.viewer.gap", { from: row.from, to: row.to })}
      </p>
    );
  }
  const { event } = row;
  return <CaseEvent event={event} person={(event.sender && people.get(event.sender)) || null} seen={seen.get(event.seq)} fate={ends.get(event.seq)} people={people} layer={layer} />;
}

const articles = (list: HTMLElement) => [...list.querySelectorAll<HTMLElement>("article")];

function goTo(list: HTMLElement | null, seq: number): void {
  const target = list?.querySelector<HTMLElement>(`article[data-seq="${seq}"]`);
  target?.scrollIntoView({ block: "center" });
  target?.focus({ preventScroll: true });
}

/** Arrows, Home, End and the bracket keys move between events while the timeline has the focus. */
function walk(event: React.KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const all = articles(event.currentTarget);
  const here = all.findIndex((one) => one.contains(document.activeElement));
  const steps: Record<string, number> = { ArrowUp: here - 1, "[": here - 1, ArrowDown: here + 1, "]": here + 1, Home: 0, End: all.length - 1 };
  const target = all[steps[event.key] ?? -1];
  if (!target) return;
  event.preventDefault();
  target.focus();
}
