import { describe, expect, test } from "vitest";
import { daysOf, EMPTY_DRAFT, problemsOf, reasonLength, remaining, remainingWords, termsOf, ticked, worklistOf, type Draft } from "./access";
import type { Grant, GrantState } from "./api";
import { asAsked, isNarrower, isUsable, narrowedTo } from "./Narrow";

const NOW = Date.parse("2026-11-21T14:00:00Z");
const HOUR = 3_600_000;
const GOOD: Draft = { ...EMPTY_DRAFT, purpose: "complaint", reason: "家属投诉回复过慢，需要核对当天的对话时间和内容。" };

const grant = (state: GrantState, hoursLeft: number | null) =>
  ({ id: `${state}-${hoursLeft ?? "none"}`, state, expires_at: hoursLeft === null ? null : new Date(NOW + hoursLeft * HOUR).toISOString() }) as Grant;

describe("Officer Zhou's request", () => {
  test("names what is missing, in the order of the page", () => {
    expect(problemsOf({ ...EMPTY_DRAFT, content: [], hours: "" })).toEqual(["content", "purpose", "reason", "hours"]);
    expect(problemsOf(GOOD)).toEqual([]);
  });

  test("needs twenty characters of reason, not twenty spaces", () => {
    expect(reasonLength(" ".repeat(40))).toBe(0);
    expect(problemsOf({ ...GOOD, reason: "核".repeat(19) })).toEqual(["reason"]);
    expect(problemsOf({ ...GOOD, reason: "核".repeat(20) })).toEqual([]);
  });

  test.each(["0", "73", "8.5", "-1", "", "eight"])("refuses %j hours", (hours) => {
    expect(problemsOf({ ...GOOD, hours })).toEqual(["hours"]);
    expect(termsOf({ ...GOOD, hours })).toBeNull();
  });

  test("goes out trimmed, with hours as a number", () => {
    expect(termsOf({ ...GOOD, case_number: " TS-2026-0412 ", hours: "72" })).toMatchObject({ case_number: "TS-2026-0412", hours: 72, content: ["conversation"] });
  });
});

describe("the scope of a request", () => {
  test("photos and the discussion come and go with the conversation", () => {
    expect(ticked([], "discussion", true)).toEqual(["conversation", "discussion"]);
    expect(ticked(["conversation", "attachments", "recordings"], "conversation", false)).toEqual(["recordings"]);
  });

  test("days that run backwards are named, and empty ones mean the whole case", () => {
    expect(problemsOf({ ...GOOD, since: "2026-11-21", until: "2026-11-20" })).toEqual(["days"]);
    expect(termsOf(GOOD)).toMatchObject({ since: null, until: null, tell: "now" });
  });
});

describe("what the approver leaves of it", () => {
  const asked = {
    case: { id: "a", number: "XQ-1" }, together: [{ grant: "g2", case: "b", number: "XQ-2", state: "waiting" }],
    content: ["conversation", "attachments"], hours: 8, since: null, until: "2026-11-21", tell: "court",
  } as unknown as Grant;

  test("says only what was taken away", () => {
    const left = asAsked(asked);
    expect(isNarrower(left, asked)).toBe(false);
    expect(narrowedTo(left, asked)).toEqual({ hours: 8, content: null, since: null, until: null, tell_now: false, cases: null });
    const less = { ...left, cases: ["b"], content: ["conversation" as const], since: "2026-11-20", tellNow: true };
    expect(isNarrower(less, asked)).toBe(true);
    expect(narrowedTo(less, asked)).toEqual({ hours: 8, content: ["conversation"], since: "2026-11-20", until: null, tell_now: true, cases: ["b"] });
  });

  test("is refused when nothing is left, or more than was asked", () => {
    for (const part of [{ cases: [] }, { content: [] }, { hours: "9" }, { since: "2026-11-22" }]) expect(isUsable({ ...asAsked(asked), ...part }, asked)).toBe(false);
  });
});

describe("her worklist", () => {
  test("puts each grant where something can be done about it", () => {
    const list = worklistOf([grant("waiting", null), grant("returned", null), grant("approved", 5), grant("approved", 0.5), grant("expired", -1), grant("rejected", null), grant("revoked", 3)], NOW);
    expect(list.waiting.map((one) => one.id)).toEqual(["waiting-none"]);
    expect(list.returned.map((one) => one.id)).toEqual(["returned-none"]);
    expect(list.approved.map((one) => one.id)).toEqual(["approved-5"]);
    expect(list.expiring.map((one) => one.id)).toEqual(["approved-0.5"]);
    expect(list.ended.map((one) => one.id)).toEqual(["expired--1", "rejected-none", "revoked-3"]);
  });

  test("has no time left on a revoked grant, whatever its hours said", () => {
    expect(remaining(grant("revoked", 3), NOW)).toBe(0);
    expect(remaining(grant("approved", 3), NOW)).toBe(3 * HOUR);
  });
});

describe("the time that remains", () => {
  test("is said in words and never rounded up", () => {
    expect(remainingWords(5 * HOUR + 12 * 60_000 + 59_999, "zh-Hans")).toBe("5 小时 12 分");
    expect(remainingWords(5 * HOUR + 12 * 60_000, "en")).toBe("5 hours 12 minutes");
    expect(remainingWords(HOUR + 60_000, "en")).toBe("1 hour 1 minute");
    expect(remainingWords(8 * HOUR, "zh-Hans")).toBe("8 小时");
    expect(remainingWords(12 * 60_000, "zh-Hans")).toBe("12 分钟");
    expect(remainingWords(59_999, "zh-Hans")).toBe("不到 1 分钟");
    expect(remainingWords(59_999, "en")).toBe("less than 1 minute");
  });

  test("a case that is still open spans until now", () => {
    expect(daysOf("2026-11-19T14:00:00Z", null, NOW)).toBe(2);
    expect(daysOf("2026-11-21T13:00:00Z", "2026-11-21T13:30:00Z", NOW)).toBe(1);
  });
});
