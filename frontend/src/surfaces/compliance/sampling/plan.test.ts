import { expect, test } from "vitest";
import { EMPTY, problems, wishOf } from "./plan";

const FULL = { ...EMPTY, since: "2026-10-01", until: "2026-10-31", reason: "季度质量抽查，核对答复是否清楚、完整、及时。" };

test("a plan names what is wrong with it", () => {
  expect([...problems(EMPTY)]).toEqual(["since", "until", "reason"]);
  expect([...problems(FULL)]).toEqual([]);
  expect([...problems({ ...FULL, until: "2026-09-30", size: "101", hours: "1.5", seed: "a b" })]).toEqual(["until", "size", "hours", "seed"]);
});

test("what was left out is left to the server", () => {
  expect(wishOf({ ...FULL, seed: " " })).toMatchObject({ seed: null, rater: null, department: null, size: 50, hours: 72 });
});
