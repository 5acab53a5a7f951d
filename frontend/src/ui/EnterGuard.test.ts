import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EnterGuard, type EnterKey } from "./EnterGuard";

const enter = (part: Partial<EnterKey> = {}): EnterKey => ({
  key: "Enter",
  isComposing: false,
  keyCode: 13,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...part,
});

function guardAt(start = 0) {
  const clock = { now: start };
  return { clock, guard: new EnterGuard(() => clock.now) };
}

describe("Enter in the composer", () => {
  test("picks a candidate while Dr Zhao is composing pinyin, and sends afterwards", () => {
    const { clock, guard } = guardAt();
    guard.compositionStart();
    expect(guard.meaning(enter({ isComposing: true, keyCode: 229 }), true)).toBe("ignore");
    expect(guard.meaning(enter(), true)).toBe("ignore");
    guard.compositionEnd();
    clock.now = 500;
    expect(guard.meaning(enter(), true)).toBe("send");
  });

  test("ignores Safari's late 229 for a tenth of a second only", () => {
    const { clock, guard } = guardAt();
    guard.compositionStart();
    guard.compositionEnd();
    clock.now = 99;
    expect(guard.meaning(enter({ keyCode: 229 }), true)).toBe("ignore");
    clock.now = 100;
    expect(guard.meaning(enter({ keyCode: 229 }), true)).toBe("send");
  });

  test("sends a plain Enter right after a composition: only the 229 belongs to the input method", () => {
    const { guard } = guardAt();
    guard.compositionStart();
    guard.compositionEnd();
    expect(guard.meaning(enter(), true)).toBe("send");
  });

  test("never sends during any composition and always sends after it, in any sequence", () => {
    const step = fc.constantFrom("start", "end", "enter", "wait");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, guard } = guardAt();
        let composing = false;
        for (const what of steps) {
          if (what === "start") guard.compositionStart();
          if (what === "end") guard.compositionEnd();
          if (what === "start" || what === "end") composing = what === "start";
          if (what === "wait") clock.now += 101;
          if (what === "enter") expect(guard.meaning(enter({ isComposing: composing }), true)).toBe(composing ? "ignore" : "send");
        }
        guard.compositionEnd();
        clock.now += 101;
        expect(guard.meaning(enter({ keyCode: 229 }), true)).toBe("send");
      }),
    );
  });

  test("starts a line with Shift+Enter and sends with Ctrl or Command in either setting", () => {
    const { guard } = guardAt();
    for (const enterSends of [true, false]) {
      expect(guard.meaning(enter({ shiftKey: true }), enterSends)).toBe("newline");
      expect(guard.meaning(enter({ ctrlKey: true }), enterSends)).toBe("send");
      expect(guard.meaning(enter({ metaKey: true }), enterSends)).toBe("send");
    }
    expect(guard.meaning(enter(), false)).toBe("newline");
  });
});
