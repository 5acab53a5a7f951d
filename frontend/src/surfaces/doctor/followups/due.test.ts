import { describe, expect, test } from "vitest";
import type { FollowUp } from "@core/recordings";
import { fieldTime } from "@core/format";
import { byDue, tomorrowMorning } from "./due";

const NOW = new Date(2026, 10, 21, 14, 0).getTime();
const HOUR = 3600_000;

function call(id: string, hours: number, state: FollowUp["state"] = "due"): FollowUp {
  const patient = { id: "wang", name: "王秀兰", title: null, department: null, role: "patient", sex: "female", age: 71, mrn_tail: "0471" };
  const assigned_to = { id: "sun", name: "孙莉", title: null, department: null, role: "nurse" };
  return { id, patient, assigned_to, title: { zh: "随访", en: "Call" }, due_at: new Date(NOW + hours * HOUR).toISOString(), state, origin: null, recordings: [], outcomes: [] };
}

describe("the calls of Nurse Sun", () => {
  test("stand in the order to make them: overdue first, the longest overdue on top", () => {
    const all = [call("tonight", 5), call("next week", 170), call("an hour ago", -1), call("yesterday", -24), call("in an hour", 1)];
    expect(byDue(all, NOW).map(({ id, items }) => [id, items.map((item) => item.id)])).toEqual([
      ["exceptions", []],
      ["waiting", []],
      ["overdue", ["yesterday", "an hour ago"]],
      ["today", ["in an hour", "tonight"]],
      ["later", ["next week"]],
      ["done", []],
    ]);
  });

  test("that reached nobody stay to be made; those made go to the end, the newest first", () => {
    const all = [call("no answer", -3, "no_answer"), call("made", -50, "done"), call("made last", -2, "done")];
    const groups = byDue(all, NOW);
    expect(groups[2]?.items.map((item) => item.id)).toEqual(["no answer"]);
    expect(groups[5]?.items.map((item) => item.id)).toEqual(["made last", "made"]);
  });

  test("that were a colleague's who has left come first, whatever their time or state", () => {
    const left = (one: FollowUp): FollowUp => ({ ...one, assigned_to: null });
    const all = [call("yesterday", -24), left(call("next week", 170)), left(call("made", -50, "done"))];
    const groups = byDue(all, NOW);
    expect(groups.slice(1, 3).map(({ id, items }) => [id, items.map((item) => item.id)])).toEqual([
      ["waiting", ["made", "next week"]],
      ["overdue", ["yesterday"]],
    ]);
  });

  test("that need a doctor, another number or another way stand before all others; refused ones are over", () => {
    const tried = (one: FollowUp, ...outcomes: FollowUp["outcomes"][number]["outcome"][]): FollowUp => ({
      ...one,
      outcomes: outcomes.map((outcome) => ({ at: one.due_at, by: { id: "sun", name: "孙莉", title: null, department: null, role: "nurse" }, outcome, consent: "not_asked", note: "", next_at: null })),
    });
    const all = [
      call("overdue", -5),
      call("doctor", 20, "needs_doctor"),
      call("number", 30, "wrong_number"),
      call("over", 1, "refused"),
      tried(call("tried twice", -1, "no_answer"), "no_answer", "no_answer"),
      tried(call("tried often", 40, "no_answer"), "no_answer", "no_answer", "no_answer"),
      tried(call("reached between", -2, "no_answer"), "no_answer", "no_answer", "needs_doctor", "no_answer"),
    ];
    const groups = byDue(all, NOW);
    expect(groups[0]?.items.map((item) => item.id)).toEqual(["doctor", "number", "tried often"]);
    expect(groups[2]?.items.map((item) => item.id)).toEqual(["overdue", "reached between", "tried twice"]);
    expect(groups[5]?.items.map((item) => item.id)).toEqual(["over"]);
  });

  test("are planned for nine tomorrow unless somebody says otherwise", () => {
    expect(fieldTime(tomorrowMorning(NOW))).toBe("2026-11-22T09:00");
    expect(fieldTime(tomorrowMorning(new Date(2026, 11, 31, 23, 59).getTime()))).toBe("2027-01-01T09:00");
  });
});
