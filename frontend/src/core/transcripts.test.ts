import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { doubtfulWords, endsTerm, segmentAt, spokenPieces, type Segment, type Word } from "./transcripts";

const word = (text: string, start: number, confidence = 0.9): Word => ({ text, start, end: start + 0.3, confidence });
const segment = (id: number, start: number, text: string, words: Word[] = []): Segment => ({
  id, start, end: start + 2, speaker: "channel-1", speaker_name: null, text, confidence: 0.9, words,
}); // prettier-ignore

describe("the sentence that is being heard", () => {
  test("is the last one that has begun, found as a walk through all of them would", () => {
    const starts = fc.array(fc.float({ min: 0, max: 600, noNaN: true }), { maxLength: 40 });
    fc.assert(
      fc.property(starts, fc.float({ min: 0, max: 700, noNaN: true }), (times, now) => {
        const segments = times.sort((a, b) => a - b).map((start, id) => segment(id, start, "x"));
        expect(segmentAt(segments, now)).toBe(segments.findLastIndex((one) => one.start <= now));
      }),
    );
  });
});

describe("the words of a sentence", () => {
  const said = segment(1, 0, "有一点红，晚上疼得厉害。", [word("有一点", 0), word("红", 1, 0.4), word("晚上", 2), word("疼得厉害", 3, 0.5)]);

  test("give the text back unchanged, with the doubtful ones marked", () => {
    const pieces = spokenPieces(said);
    expect(pieces.map((piece) => piece.text).join("")).toBe(said.text);
    expect(doubtfulWords([said]).map(({ word: doubtful }) => doubtful.text)).toEqual(["红", "疼得厉害"]);
  });

  test("stay where a person left them, and between them is played from where the last one ended", () => {
    const corrected = { ...said, text: "没有红。" };
    expect(spokenPieces(corrected).map(({ text, at, index }) => [text, at, index])).toEqual([
      ["没有", 0, -1],
      ["红", 1, 1],
      ["。", 1.3, -1],
    ]);
    expect(doubtfulWords([corrected]).map(({ index }) => index)).toEqual([1]);
    expect(spokenPieces({ ...said, text: "都好" })).toEqual([{ text: "都好", word: null, index: -1, at: 0 }]);
  });

  test("keep the spaces of English", () => {
    const english = segment(2, 0, "I feel dizzy today.", [word(" I", 0), word(" feel", 1), word(" dizzy", 2, 0.3), word(" today.", 3)]);
    expect(spokenPieces(english).map((piece) => piece.text).join("")).toBe(english.text);
  });
});

test("the name that words may have been stands once, behind the last of them", () => {
  const words = [" met", " a", " prolobe", " now", " losarton"].map((text, i) => ({
    text,
    start: i,
    end: i + 1,
    confidence: 0.5,
    term: i < 3 ? "metoprolol" : i === 4 ? "losartan" : null,
  }));
  expect(words.map((word) => endsTerm(words, word))).toEqual([false, false, true, false, true]);
});
