import { describe, expect, test } from "vitest";
import { mayBeOffered, usualTimes } from "./times";

const HOUR = 3_600_000;
const clock = (at: number) => [new Date(at).getDate(), new Date(at).getHours()];

describe("the times that are offered first", () => {
  test("begin with what is left of the day, and go on with the next ones", () => {
    const noon = new Date(2026, 10, 21, 12, 0).getTime();
    expect(usualTimes(noon).map(clock)).toEqual([[21, 15], [21, 19], [22, 9], [22, 11], [22, 15], [22, 19], [23, 9], [23, 11]]);
  });

  test("leave out what is too near", () => {
    const late = new Date(2026, 10, 21, 18, 56).getTime();
    expect(usualTimes(late).map(clock)[0]).toEqual([22, 9]);
  });

  test("are all ones that the server takes, at every hour of a day", () => {
    const midnight = new Date(2026, 10, 21).getTime();
    for (let hour = 0; hour < 24; hour++) {
      const now = midnight + hour * HOUR;
      expect(usualTimes(now).every((one) => mayBeOffered(one, now))).toBe(true);
      expect(usualTimes(now)).toHaveLength(8);
    }
    expect([0, NaN, midnight + 31 * 24 * HOUR].some((one) => mayBeOffered(one, midnight))).toBe(false);
  });
});
