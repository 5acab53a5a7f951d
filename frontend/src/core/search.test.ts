import { describe, expect, test } from "vitest";
import { marked, merged, type SearchHit } from "./search";

const hit = (seq: number, excerpt = "早上血糖 6.1") => ({ consultation: "c", seq, excerpt, marks: [] }) as unknown as SearchHit;

describe("a hit's excerpt", () => {
  test("is cut where it matched, and nothing is lost", () => {
    const parts = marked({ excerpt: "早上血糖 6.1", marks: [[2, 4], [5, 8]] });
    expect(parts.map((part) => part.text).join("")).toBe("早上血糖 6.1");
    expect(parts.filter((part) => part.hit).map((part) => part.text)).toEqual(["血糖", "6.1"]);
  });

  test("counts as JavaScript does, so that a smile before it moves nothing", () => {
    const excerpt = "😀 血糖";
    expect(marked({ excerpt, marks: [[3, 5]] }).at(-1)).toEqual({ text: "血糖", hit: true });
  });
});

test("a message that also matches on a later page is shown once", () => {
  const page = { hits: [hit(3), hit(7)], next: null, scanned: 2 };
  expect(merged([hit(9), hit(7)], page).map((one) => one.seq)).toEqual([9, 7, 3]);
});
