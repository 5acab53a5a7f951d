import { describe, expect, test } from "vitest";
import { risksIn } from "./risks";
import type { Segment } from "./transcripts";

const word = (text: string, start: number) => ({ text, start, end: start + 0.5, confidence: 0.9, term: null });
const line = (start: number, ...words: string[]): Segment =>
  ({ id: start, start, end: start + words.length, text: words.join(""), words: words.map((text, i) => word(text, start + i)), speaker: "channel-2", speaker_name: null }) as unknown as Segment;

describe("what Wang says in a call that Nurse Sun must not miss", () => {
  test.each([
    ["昨天晚上胸口有点疼", "chest_pain"],
    ["右边胳膊突然没劲", "one_sided_weakness"],
    ["躺下就喘不上气", "breathless"],
    ["早上咳血了", "heavy_bleeding"],
    ["他昏倒过一次", "unconscious"],
    ["有时候觉得不想活了", "self_harm"],
    ["I had chest pain last night", "chest_pain"],
    ["she passed out in the kitchen", "unconscious"],
    ["sometimes I want to die", "self_harm"],
  ])("%s", (text, flag) => {
    expect(risksIn([line(3, text)]).map((risk) => risk.flag)).toEqual([flag]);
  });

  test.each(["血压一百五十", "头有点晕，吃了药好些", "睡得还可以", "My blood pressure was fine"])("%s: nothing of the kind", (text) => {
    expect(risksIn([line(3, text)])).toEqual([]);
  });

  test("is played from the word it begins with, line after line", () => {
    const found = risksIn([line(0, "您", "好"), line(10, "昨天", "有点", "胸", "痛"), line(20, "还", "咳血")]);
    expect(found.map(({ segment, said, at }) => [segment, said, at])).toEqual([[1, "胸痛", 12], [2, "咳血", 21]]);
  });
});
