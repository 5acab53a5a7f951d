import { describe, expect, test } from "vitest";
import { fromField, presets, problemOf, toField } from "./later";

const local = (text: string) => new Date(text).getTime();

describe("sending later", () => {
  test("offers the hour, the evening, the morning and Monday", () => {
    const now = local("2026-11-18T10:30"); // a Wednesday
    expect(presets(now).map(({ id, at }) => [id, toField(at)])).toEqual([
      ["hour", "2026-11-18T11:30"],
      ["evening", "2026-11-18T18:00"],
      ["morning", "2026-11-19T08:00"],
      ["monday", "2026-11-23T08:00"],
    ]);
  });

  test("leaves out an evening that is over, and never offers one moment twice", () => {
    const ids = (text: string) => presets(local(text)).map(({ id }) => id);
    expect(ids("2026-11-18T19:00")).toEqual(["hour", "morning", "monday"]);
    expect(ids("2026-11-22T10:00")).toEqual(["hour", "evening", "morning"]); // tomorrow is Monday
  });

  test("takes nothing from the past, within the minute, or after thirty days", () => {
    const now = local("2026-11-18T10:30");
    expect(problemOf(now + 30_000, now)).toBe("early");
    expect(problemOf(now + 60_000, now)).toBeNull();
    expect(problemOf(now + 31 * 24 * 3600_000, now)).toBe("late");
    expect(problemOf(fromField(""), now)).toBe("missing");
  });

  test("reads back what the field shows", () => {
    expect(fromField(toField(local("2026-12-01T08:15")))).toBe(local("2026-12-01T08:15"));
  });
});
