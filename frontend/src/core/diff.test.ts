import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wordDiff } from "./diff";

const side = (before: string, after: string, left: "removed" | "added") =>
  wordDiff(before, after)
    .filter((change) => change.kind !== left)
    .map((change) => change.text)
    .join("");

describe("the difference of two versions", () => {
  test("names exactly what Nurse Sun changed, in Chinese and in English", () => {
    expect(wordDiff("早上吃安氯地平一片", "早上吃氨氯地平一片")).toEqual([
      { kind: "same", text: "早上吃" },
      { kind: "removed", text: "安" },
      { kind: "added", text: "氨" },
      { kind: "same", text: "氯地平一片" },
    ]);
    expect(wordDiff("take 50 mg daily", "take 5 mg daily").filter((change) => change.kind !== "same")).toEqual([
      { kind: "removed", text: "50" },
      { kind: "added", text: "5" },
    ]);
  });

  test("loses nothing of either version, whatever they say", () => {
    const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: fc.constantFrom(...Array.from("头晕三天，血压 148 mmHg ok.")), maxLength: 60 }));
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(side(before, after, "added")).toBe(before);
        expect(side(before, after, "removed")).toBe(after);
      }),
    );
  });

  test("shows two very long texts as replaced instead of holding up the page", () => {
    const long = "血".repeat(3_000);
    expect(wordDiff(long, `${long}压`).map((change) => change.kind)).toEqual(["removed", "added"]);
  });
});
