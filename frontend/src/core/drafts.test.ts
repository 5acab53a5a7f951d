import { describe, expect, test } from "vitest";
import { begunPlaces } from "./drafts";

const kept = (place: string, text: string, unsaved = false) => ({ key: `zhao:${place}`, text, at: 1, unsaved });
const marked = (...args: Parameters<typeof begunPlaces>) => [...begunPlaces(...args)].sort();

describe("the marks in Dr Zhao's queue", () => {
  test("stand where she has begun on any device", () => {
    expect(marked([kept("wang", "请先坐五分钟")], new Set(["wang", "li"]))).toEqual(["li", "wang"]);
  });

  test("follow what only this desk knows yet: words that are not up, and a box that was emptied", () => {
    expect(marked([kept("chen", "写到一半", true), kept("li", "", true)], new Set(["li"]))).toEqual(["chen"]);
  });

  test("do not come back for words that she sent from her phone meanwhile", () => {
    expect(marked([kept("wang", "请先坐五分钟")], new Set())).toEqual([]);
  });

  test("are those of this desk as long as the server has not answered", () => {
    expect(marked([kept("wang", "请先坐五分钟"), kept("li", "", true)], null)).toEqual(["wang"]);
  });
});
