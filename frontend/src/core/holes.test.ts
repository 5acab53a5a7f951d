import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HoleWatch } from "./holes";
import { startTimeline } from "./timeline";

const MINUTE = 60_000;
let cursor: number;
let again: ReturnType<typeof vi.fn<() => void>>;
let watch: HoleWatch;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1); // the longest it may wait
  cursor = 3;
  again = vi.fn<() => void>();
  watch = new HoleWatch(() => ({ ...startTimeline(0), cursor, head: 5 }), again);
});

afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

test("asks again for what does not come, ever more patiently", () => {
  watch.look();
  vi.advanceTimersByTime(4_000);
  expect(again).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(10 * MINUTE);
  expect(again.mock.calls.length).toBeGreaterThan(5);
  expect(again.mock.calls.length).toBeLessThan(60);
});

test("does not ask while it comes, nor when it is all here", () => {
  watch.look();
  cursor = 4;
  vi.advanceTimersByTime(4_000);
  expect(again).not.toHaveBeenCalled();
  cursor = 5;
  watch.look();
  vi.advanceTimersByTime(10 * MINUTE);
  expect(again).not.toHaveBeenCalled();
});

test("asks nothing for a conversation that was left", () => {
  watch.look();
  watch.stop();
  vi.advanceTimersByTime(10 * MINUTE);
  expect(again).not.toHaveBeenCalled();
});
