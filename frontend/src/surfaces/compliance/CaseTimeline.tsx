import { useEffect, useRef } from "react";
import type { Person } from "@core/protocol";
import { DaySeparator } from "@ui/DaySeparator";
import type { Annotation, OpenedCase } from "./api";
import { CaseContents } from "./CaseContents";
import { CaseEvent } from "./CaseEvent";
import { caseRows, fates, firstSeen, type CaseRow, type Fate } from "./timeline";
import { useT } from "./words";

const LONG = 300;

interface TimelineProps {
  opened: Pick<OpenedCase, "events" | "people" | "upto">;
  part: Annotation["part"];
  layer: boolean;
  /** Where to go: from a search or a note. */
  at: { seq: number } | null;
}

/** The case as both sides saw it, every act in its place. Arrows go from one to the next; so do [ and ]. B and N mark and note one. */
export function CaseTimeline({ opened, part, layer, at }: TimelineProps) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (at) goTo(list.current, at.seq);
  }, [at]);
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
        <p className="secondary c-timeline-keys">{t("c.viewer.keys")}</p>
        {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- walked with the keyboard, see below */}
        <div ref={list} className="c-timeline" data-region data-layer={layer} data-long={opened.events.length > LONG} tabIndex={-1} onKeyDown={walk} data-testid="c.viewer.timeline">
          <ol>
            {caseRows(opened.events, opened.upto).map((row) => (
              <li key={row.key}>
                <Row row={row} part={part} people={people} seen={seen} ends={ends} layer={layer} />
              </li>
            ))}
          </ol>
        </div>
      </section>
    </div>
  );
}

function Row({ row, part, people, seen, ends, layer }: { row: CaseRow; part: Annotation["part"]; people: ReadonlyMap<string, Person>; seen: ReturnType<typeof firstSeen>; ends: ReadonlyMap<number, Fate>; layer: boolean }) {
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
  return <CaseEvent event={event} part={part} person={(event.sender && people.get(event.sender)) || null} seen={seen.get(event.seq)} fate={ends.get(event.seq)} people={people} layer={layer} />;
}

/** The acts themselves: a card within one is an article too, and takes no focus. */
const ACT = 'article[data-testid="c.viewer.event"]';
const articles = (list: HTMLElement) => [...list.querySelectorAll<HTMLElement>(ACT)];

function goTo(list: HTMLElement | null, seq: number): void {
  const target = list?.querySelector<HTMLElement>(`${ACT}[data-seq="${seq}"]`);
  target?.scrollIntoView({ block: "center" });
  target?.focus({ preventScroll: true });
}

const ACTS: Readonly<Record<string, string>> = { b: "c.mark.toggle", n: "c.note.open" };

/** Arrows, Home, End and the bracket keys move between events while the timeline has the focus. */
function walk(event: React.KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey || (event.target as HTMLElement).closest("dialog")) return;
  const act = ACTS[event.key];
  if (act) {
    event.preventDefault();
    return document.activeElement?.closest(ACT)?.querySelector<HTMLElement>(`[data-testid="${act}"]`)?.click();
  }
  const all = articles(event.currentTarget);
  const here = all.findIndex((one) => one.contains(document.activeElement));
  const steps: Record<string, number> = { ArrowUp: here - 1, "[": here - 1, ArrowDown: here + 1, "]": here + 1, Home: 0, End: all.length - 1 };
  const target = all[steps[event.key] ?? -1];
  if (!target) return;
  event.preventDefault();
  target.focus();
}
