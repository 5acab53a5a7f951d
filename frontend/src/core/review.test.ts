import { describe, expect, test } from "vitest";
import { accept, correctionOf, newSpeaker, occurrences, pass, readReview, rebased, rename, replaceAll, replaceWord, reviewed, sayLine, speak, speakersOf, untouched, written, type Review } from "./review";
import { doubtfulWords, spokenPieces, type Segment } from "./transcripts";

function line(id: number, speaker: string, ...said: [text: string, confidence: number][]): Segment {
  const words = said.map(([text, confidence], i) => ({ text, start: id * 10 + i, end: id * 10 + i + 0.8, confidence }));
  const text = words.map((word) => word.text).join("").trim();
  return { id, start: id * 10, end: id * 10 + said.length, speaker, speaker_name: null, text, confidence: 0.8, words };
}

const SUN = line(0, "channel-1", [" Any", 0.9], [" test", 0.3], [" pain?", 0.9]);
const WANG = line(1, "channel-2", ["有", 0.9], ["点", 0.4], ["疼", 0.5]);
const AGAIN = line(2, "channel-1", [" No", 0.9], [" test", 0.9]);
const CALL = [SUN, WANG, AGAIN];

const after = (...changes: ((review: Review) => Review)[]) => changes.reduce((review, change) => change(review), untouched(1));

describe("Nurse Sun reviews", () => {
  test("a doubtful word is accepted, another replaced, and the rest of the line keeps its times", () => {
    const review = after(replaceWord(SUN, SUN, 1, "chest"), accept(WANG, [2]));
    const [first, second] = reviewed(CALL, review);
    expect(first?.text).toBe("Any chest pain?");
    expect(spokenPieces(first ?? SUN).map(({ text, at, index }) => [text, at, index])).toEqual([
      ["Any", 0, 0],
      [" chest ", 0.8, -1],
      ["pain?", 2, 2],
    ]);
    expect(doubtfulWords(second ? [second] : []).map(({ index }) => index)).toEqual([1]);
    expect(correctionOf(review, "first-review")).toEqual({
      client_id: "first-review",
      based_on: 1,
      edits: [
        { segment: 0, accepted: [], text: "Any chest pain?" },
        { segment: 1, accepted: [2] },
      ],
    });
  });

  test("what is put back as it was is no change, and an empty line is none either", () => {
    expect(written(after(sayLine(SUN, "Other"), sayLine(SUN, SUN.text)))).toBe("");
    expect(written(after(sayLine(SUN, "")))).toBe("");
    expect(written(after(speak([SUN], "channel-2"), speak([SUN], "channel-1")))).toBe("");
    expect(reviewed(CALL, untouched(1))[1]).toBe(WANG);
  });

  test("a speaker is named once, split off, merged and swapped", () => {
    const named = after(rename(CALL, "channel-1", " 孙护士 "));
    const now = reviewed(CALL, named);
    expect(speakersOf(now)).toEqual([
      { key: "channel-1", name: "孙护士", lines: 2 },
      { key: "channel-2", name: null, lines: 1 },
    ]);
    const key = newSpeaker(now);
    const split = speak([AGAIN], key)(named);
    expect(reviewed(CALL, split).map((one) => one.speaker)).toEqual(["channel-1", "channel-2", "person-3"]);
    const both = rename(reviewed(CALL, split), key, "女儿")(split);
    expect(reviewed(CALL, both).map((one) => one.speaker_name)).toEqual(["孙护士", null, "女儿"]);
    const swapped = pass(CALL, reviewed(CALL, both), "channel-1", "channel-2", true)(both);
    expect(reviewed(CALL, swapped).map((one) => one.speaker_name)).toEqual([null, "孙护士", "女儿"]);
    const merged = pass(CALL, reviewed(CALL, swapped), key, "channel-2", false)(swapped);
    expect(reviewed(CALL, merged).map((one) => one.speaker)).toEqual(["channel-2", "channel-1", "channel-2"]);
    expect(reviewed(CALL, rename(now, "channel-1", "")(named))[0]?.speaker_name).toBeNull();
  });

  test("a word is replaced everywhere, and nothing else is", () => {
    expect(occurrences(CALL, "test")).toBe(2);
    const now = reviewed(CALL, after(replaceAll(CALL, CALL, "test", "chest")));
    expect(now.map((one) => one.text)).toEqual(["Any chest pain?", "有点疼", "No chest"]);
    expect(now[1]).toBe(WANG);
    expect([occurrences(CALL, ""), written(after(replaceAll(CALL, CALL, "", "x")))]).toEqual([0, ""]);
  });

  test("and what she has begun comes back as it was kept, on a newer version too", () => {
    const begun = after(sayLine(SUN, "One"), accept(SUN, [1]), accept(WANG, [1]));
    expect(readReview(written(begun), 7)).toEqual(begun);
    expect(readReview("not ours", 7)).toEqual(untouched(7));
    expect(rebased(begun, 2)).toEqual({ based_on: 2, lines: { 0: { text: "One" } }, names: null });
  });
});
