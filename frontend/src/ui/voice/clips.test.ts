import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asFile, dropClip, keepClip, keptClip, PEAKS, peaksOf, type Clip } from "./clips";
import { piecesOf } from "./pieces";

const clip = (type: string): Clip => ({ parts: [new Blob(["one"]), new Blob(["two"])], type, duration_s: 4.2345, peaks: [0, 100] });

describe("a recording", () => {
  test("goes with its message as one file that names no codec", async () => {
    const file = asFile(clip("audio/webm;codecs=opus"));
    expect([file.field, file.name, file.blob.type]).toEqual(["voice", "voice.webm", "audio/webm"]);
    expect(file.meta).toEqual({ duration_s: 4.2, peaks: [0, 100] });
    expect(file.blob.size).toBe(6);
    expect(asFile(clip("audio/mp4")).name).toBe("voice.mp4");
  });

  test("is kept for one person in one conversation, until it is dropped", async () => {
    await keepClip("wang", "case-1", clip("audio/webm"));
    expect((await keptClip("wang", "case-1"))?.duration_s).toBe(4.2345);
    expect(await keptClip("wang", "case-2")).toBeNull();
    expect(await keptClip("li", "case-1")).toBeNull();
    await dropClip("wang", "case-1");
    expect(await keptClip("wang", "case-1")).toBeNull();
  });

  test("is drawn with at most 64 whole numbers from 0 to 100, whatever was measured", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { maxLength: 2000 }), (levels) => {
        const peaks = peaksOf(levels);
        expect(peaks.length).toBe(Math.min(PEAKS, levels.length));
        for (const peak of peaks) expect(Number.isInteger(peak) && peak >= 0 && peak <= 100).toBe(true);
      }),
    );
    expect(peaksOf([...Array<number>(64).fill(0), ...Array<number>(64).fill(1)]).slice(30, 34)).toEqual([0, 0, 100, 100]);
  });
});

describe("a transcript", () => {
  test("is cut where the machine doubts, in characters and not in half ones", () => {
    expect(piecesOf("头晕三天", [[1, 2]])).toEqual([
      { text: "头", doubtful: false },
      { text: "晕", doubtful: true },
      { text: "三天", doubtful: false },
    ]);
    expect(piecesOf("𠮷野家", [[0, 1]])[0]).toEqual({ text: "𠮷", doubtful: true });
  });

  test("loses nothing, whatever ranges come with it", () => {
    const ranges = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 8 });
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), ranges, (text, low) => {
        expect(piecesOf(text, low).map((piece) => piece.text).join("")).toBe(text);
      }),
    );
  });
});
