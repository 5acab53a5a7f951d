import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Consultation, Queue } from "@core/consultations";
import { arrange, arrivals, goneFrom, groupsOf, itemsOf, neighbour, waitingSince } from "./groups";

const NOON = Date.parse("2026-11-21T12:00:00Z");
const minutes = (count: number) => new Date(NOON + count * 60_000).toISOString();

function row(id: string, part: Partial<Consultation> = {}): Consultation {
  const patient = { id: `p-${id}`, name: id, title: null, department: null, role: "patient", sex: "female", age: 71, mrn_tail: "0471" };
  return {
    id, state: "queued", patient, department: { id: "d", name: { zh: "心内科", en: "Cardiology" } }, assignee: null, opened_at: minutes(0),
    claimed_at: null, closed_at: null, last_seq: 1, last_at: minutes(0), complaint: "头晕", unread: 0, needs_reply: true,
    needs_reply_since: minutes(0), red_flags: [], position: 0, typical_reply_minutes: null, last_line: null, reading_cursor: 0,
    terms: { rounds: null, rounds_used: 0, until: null, over: null }, side: null,
  kept: "", may_send: true, may_call: false, missed_call: false, call_plan: null, ...part,
  }; // prettier-ignore
}

const queue = (part: Partial<Queue>): Queue => ({ needs_reply: [], queued: [], waiting_patient: [], closed: [], ...part });
const answered = { state: "active" as const, needs_reply: false, needs_reply_since: null };
const ids = (groups: ReturnType<typeof groupsOf>, id: "risk" | "reply" | "new" | "waiting") => itemsOf(groups, id).map((item) => item.id);

describe("the queue of Dr Zhao", () => {
  test("pins emergencies that wait, whether taken or not, and keeps the longest waiting on top of every group", () => {
    const groups = groupsOf(
      queue({
        needs_reply: [row("wang", { state: "active", needs_reply_since: minutes(5) }), row("chen", { state: "active", needs_reply_since: minutes(2) })],
        queued: [row("wu", { red_flags: ["chest_pain"], needs_reply_since: minutes(9) }), row("li", { needs_reply_since: minutes(1) })],
        waiting_patient: [row("zhou", { ...answered, red_flags: ["breathless"] })],
      }),
    );
    expect(ids(groups, "risk")).toEqual(["wu"]);
    expect(ids(groups, "reply")).toEqual(["chen", "wang"]);
    expect(ids(groups, "new")).toEqual(["li"]);
    expect(ids(groups, "waiting")).toEqual(["zhou"]);
  });

  test("counts the wait from the first unanswered message, and none once answered or closed", () => {
    expect(waitingSince(row("wang", { needs_reply_since: minutes(3) }))).toBe(NOON + 180_000);
    expect(waitingSince(row("wang", { needs_reply_since: null }))).toBe(NOON);
    expect(waitingSince(row("wang", answered))).toBeNull();
    expect(waitingSince(row("wang", { state: "closed" }))).toBeNull();
  });
});

describe("a list with the focus in it", () => {
  const before = groupsOf(queue({ needs_reply: [row("wang", { state: "active" })], queued: [row("li"), row("chen")] }));

  test("moves nothing when somebody arrives, and says how many wait to be shown", () => {
    const fresh = groupsOf(queue({ needs_reply: [row("wang", { state: "active" })], queued: [row("wu", { needs_reply_since: minutes(-5) }), row("li"), row("chen")] }));
    const held = arrange(before, fresh, true);
    expect(ids([...held], "new")).toEqual(["li", "chen"]);
    expect(arrivals(held, fresh)).toBe(1);
    expect(arrange(held, fresh, false)).toBe(fresh);
    expect(arrivals(fresh, fresh)).toBe(0);
  });

  test("lets a new emergency in at once, on top", () => {
    const fresh = groupsOf(queue({ queued: [row("wu", { red_flags: ["chest_pain"] }), row("li"), row("chen")] }));
    const held = arrange(before, fresh, true);
    expect(ids([...held], "risk")).toEqual(["wu"]);
    expect(ids([...held], "new")).toEqual(["li", "chen"]);
  });

  test("keeps the row that somebody else took in its place, marked as gone", () => {
    const fresh = groupsOf(queue({ queued: [row("chen")] }));
    const held = arrange(before, fresh, true);
    expect(ids([...held], "new")).toEqual(["li", "chen"]);
    expect([...goneFrom(held, fresh)].sort()).toEqual(["li", "wang"]);
  });

  test("never moves a row, whatever two hundred events bring", () => {
    const names = ["wang", "li", "chen", "wu", "zhou", "he"];
    const someQueue = fc.record({ needs_reply: fc.subarray(names), queued: fc.subarray(names), flagged: fc.subarray(names) });
    fc.assert(
      fc.property(fc.array(someQueue, { maxLength: 40 }), (states) => {
        let shown = before;
        for (const state of states) {
          const of = (name: string) => row(name, { red_flags: state.flagged.includes(name) ? ["chest_pain"] : [] });
          const queued = state.queued.filter((name) => !state.needs_reply.includes(name));
          const fresh = groupsOf(queue({ needs_reply: state.needs_reply.map(of), queued: queued.map(of) }));
          const next = [...arrange(shown, fresh, true)];
          for (const id of ["reply", "new", "waiting"] as const) expect(ids(next, id)).toEqual(ids(shown, id));
          expect(ids(next, "risk").slice(-ids(shown, "risk").length || Infinity)).toEqual(ids(shown, "risk"));
          shown = next;
        }
      }),
    );
  });
});

describe("Alt and an arrow", () => {
  const groups = groupsOf(queue({ needs_reply: [row("wang", { state: "active" })], queued: [row("li")], waiting_patient: [row("chen", answered)] }));

  test("go to the next conversation and stop at either end", () => {
    expect(neighbour(groups, "wang", 1, false)).toBe("li");
    expect(neighbour(groups, "li", 1, false)).toBe("chen");
    expect(neighbour(groups, "chen", 1, false)).toBeNull();
    expect(neighbour(groups, null, 1, false)).toBe("wang");
    expect(neighbour(groups, null, -1, false)).toBe("chen");
  });

  test("pass by those who wait for nothing when only replies are asked for", () => {
    expect(neighbour(groups, "li", 1, true)).toBeNull();
    expect(neighbour(groups, null, -1, true)).toBe("li");
  });
});
