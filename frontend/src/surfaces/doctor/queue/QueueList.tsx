import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import type { Consultation } from "@core/consultations";
import { QueueRow, type RowFacts } from "./QueueRow";
import { GROUP_IDS, type Group, type GroupId } from "./groups";
import { useT, type DoctorId } from "../words";

const TITLES: Record<GroupId, DoctorId> = {
  risk: "d.group.risk",
  reply: "d.group.reply",
  new: "d.group.new",
  waiting: "d.group.waiting",
  closed: "d.group.closed",
};

export interface QueueListProps {
  groups: readonly Group[];
  gone: ReadonlySet<string>;
  drafts: ReadonlySet<string>;
  /** The conversation that is open beside the list. */
  open: string | null;
  now: number;
  onOpen: (id: string) => void;
  onTake: (item: Consultation) => void;
  /** The pointer or the focus came in, or left. */
  onHold: (held: boolean) => void;
}

/** One listbox with real focus: arrows, Home and End move, Enter or a click opens, Alt+G takes. Emergencies stand pinned above the rest. */
export function QueueList(props: QueueListProps) {
  const t = useT();
  const { groups, open } = props;
  const rows = groups.flatMap((group) => group.items);
  const [at, setAt] = useState<string | null>(null);
  // The pinned group and the rest scroll apart, so each has a row that Tab reaches; arrows go through both.
  const urgent = groups.find((group) => group.id === "risk")?.items ?? [];
  const reachable = (some: readonly Consultation[]) => [at, open].find((id) => some.some((row) => row.id === id)) ?? some[0]?.id ?? null;
  const others = reachable(rows.filter((row) => !urgent.includes(row)));
  const list = useRef<HTMLDivElement>(null);
  useHold(list, props.onHold);
  useStill(list, groups);
  const onKeyDown = (event: React.KeyboardEvent<HTMLDivElement>) => {
    const options = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=option]")];
    const here = options.findIndex((option) => option === document.activeElement);
    const id = options[here]?.dataset["id"];
    const item = rows.find((row) => row.id === id);
    if (event.altKey && event.code === "KeyG" && item) {
      event.preventDefault();
      props.onTake(item);
      return;
    }
    if (event.altKey || event.ctrlKey || event.metaKey || !id) return;
    const to = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: options.length - 1 }[event.key];
    if (to === undefined && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (to === undefined) props.onOpen(id);
    else options[to]?.focus();
  };
  return (
    <div ref={list} role="listbox" tabIndex={-1} aria-label={t("d.queue.title")} className="d-list" data-testid="d.queue.list" onKeyDown={onKeyDown}>
      <GroupRows {...props} id="risk" reachable={reachable(urgent)} onFocusRow={setAt} />
      <div className="d-list-rest" role="presentation">
        {GROUP_IDS.slice(1).map((id) => (
          <GroupRows key={id} {...props} id={id} reachable={others} onFocusRow={setAt} />
        ))}
      </div>
    </div>
  );
}

interface GroupRowsProps extends QueueListProps {
  id: GroupId;
  reachable: string | null;
  onFocusRow: (id: string) => void;
}

function GroupRows({ id, groups, reachable, onFocusRow, ...list }: GroupRowsProps) {
  const t = useT();
  const heading = useId();
  const items = groups.find((group) => group.id === id)?.items ?? [];
  if (items.length === 0) return null;
  return (
    <div role="group" aria-labelledby={heading} className="d-group" data-group={id} data-testid={`d.queue.group.${id}`}>
      <div id={heading} className="d-group-title" role="presentation">
        {t(TITLES[id], { count: items.length })}
      </div>
      {items.map((item) => {
        const facts: RowFacts = { group: id, draft: list.drafts.has(item.id), gone: list.gone.has(item.id), now: list.now };
        return (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the listbox handles the keys of its options
          <div
            key={item.id}
            role="option"
            aria-selected={item.id === list.open}
            tabIndex={item.id === reachable ? 0 : -1}
            className="d-row"
            data-id={item.id}
            data-testid="d.queue.row"
            data-triage={item.red_flags.length ? "T1" : undefined}
            data-risk={item.red_flags.length > 0}
            data-needs-reply={item.needs_reply}
            data-gone={facts.gone}
            onFocus={() => onFocusRow(item.id)}
            onClick={() => list.onOpen(item.id)}
          >
            <QueueRow item={item} {...facts} />
          </div>
        );
      })}
    </div>
  );
}

/** Tells when the pointer or the focus is in the list. */
function useHold(ref: React.RefObject<HTMLElement | null>, onHold: (held: boolean) => void): void {
  useEffect(() => {
    const list = ref.current;
    if (!list) return;
    const inside = { pointer: false, focus: list.contains(document.activeElement) };
    const tell = (change: Partial<typeof inside>) => {
      Object.assign(inside, change);
      onHold(inside.pointer || inside.focus);
    };
    const handlers: Record<string, (event: Event) => void> = {
      // Not pointerenter: a list that is drawn under a resting pointer is not being pointed at.
      pointermove: () => tell({ pointer: true }),
      pointerleave: () => tell({ pointer: false }),
      focusin: () => tell({ focus: true }),
      focusout: (event) => tell({ focus: list.contains((event as FocusEvent).relatedTarget as Node | null) }),
    };
    for (const [name, handler] of Object.entries(handlers)) list.addEventListener(name, handler);
    return () => {
      for (const [name, handler] of Object.entries(handlers)) list.removeEventListener(name, handler);
    };
  }, [ref, onHold]);
}

/** When the pinned group grows, the rows under it stay where they are on the screen. */
function useStill(ref: React.RefObject<HTMLElement | null>, groups: readonly Group[]): void {
  const pinned = useRef<number | null>(null);
  useLayoutEffect(() => {
    const rest = ref.current?.querySelector<HTMLElement>(".d-list-rest");
    const risk = ref.current?.querySelector<HTMLElement>("[data-group=risk]");
    const height = risk?.offsetHeight ?? 0;
    if (rest && pinned.current !== null) rest.scrollTop += height - pinned.current;
    pinned.current = height;
  }, [ref, groups]);
}
