import { describe, expect, test } from "vitest";
import { ago, clock, dateTime, day, elapsed, fileSize, minutesRange, playTime, spokenLength } from "./format";

const at = (...parts: [number, number, number, number?, number?]) => new Date(parts[0], parts[1] - 1, parts[2], parts[3] ?? 0, parts[4] ?? 0).getTime();
const NOW = at(2026, 11, 21, 14, 30);

describe("times, as the design writes them", () => {
  test.each([
    [at(2026, 11, 21, 14, 5), "今天 14:05", "today 14:05"],
    [at(2026, 11, 21, 0, 0), "今天 00:00", "today 00:00"],
    [at(2026, 11, 20, 23, 59), "昨天 23:59", "yesterday 23:59"],
    [at(2026, 11, 14, 12, 0), "11月14日 周六 12:00", "Saturday 14 November 12:00"],
    [at(2025, 12, 31, 8, 0), "2025年12月31日 08:00", "31 December 2025 08:00"],
  ])("%d", (time, zh, en) => {
    expect(dateTime(time, "zh-Hans", NOW)).toBe(zh);
    expect(dateTime(time, "en", NOW)).toBe(en);
  });

  test("are relative for an hour and exact after it", () => {
    expect(ago(NOW - 20_000, "zh-Hans", NOW)).toBe("刚刚");
    expect(ago(NOW - 60_000, "en", NOW)).toBe("1 minute ago");
    expect(ago(NOW - 59 * 60_000, "zh-Hans", NOW)).toBe("59 分钟前");
    expect(ago(NOW - 60 * 60_000, "en", NOW)).toBe("today 13:30");
  });

  test("never say 'ago' of something that a fast clock puts into the future", () => {
    expect(ago(NOW + 30_000, "en", NOW)).toBe("just now");
    expect(ago(NOW + 10 * 60_000, "en", NOW)).toBe("today 14:40");
  });

  test("use the day of the reader's calendar, not 24 hours", () => {
    expect(dateTime(at(2026, 11, 20, 23, 0), "en", at(2026, 11, 21, 1, 0))).toBe("yesterday 23:00");
    expect(day(at(2026, 1, 1), "zh-Hans", NOW)).toBe("1月1日 周四");
    expect(clock(at(2026, 1, 1, 9, 5))).toBe("09:05");
  });
});

describe("lengths and amounts", () => {
  test("a wait is a range in minutes, in hours from two hours on", () => {
    expect(minutesRange([25, 40], "zh-Hans")).toBe("25–40 分钟");
    expect(minutesRange([25, 40], "en")).toBe("25 to 40 minutes");
    expect(minutesRange([120, 200], "en")).toBe("2 to 4 hours");
    expect(minutesRange([30, 30], "zh-Hans")).toBe("30 分钟");
  });

  test("somebody who waits has waited at least a minute", () => {
    expect(elapsed(NOW, "en", NOW)).toBe("1 minute");
    expect(elapsed(NOW - 48 * 60_000, "zh-Hans", NOW)).toBe("48 分钟");
    expect(elapsed(NOW - 47 * 3600_000, "en", NOW)).toBe("47 hours");
    expect(elapsed(NOW - 48 * 3600_000, "zh-Hans", NOW)).toBe("2 天");
  });

  test("a place in a recording is written, its length is spoken", () => {
    expect([0, 7.9, 65, 3725].map(playTime)).toEqual(["0:00", "0:07", "1:05", "1:02:05"]);
    expect(spokenLength(61, "en")).toBe("1 minute 1 second");
    expect(spokenLength(125, "zh-Hans")).toBe("2 分 5 秒");
    expect(fileSize(400)).toBe("1\u00a0kB");
    expect(fileSize(3_500_000)).toBe("3.3\u00a0MB");
  });
});
