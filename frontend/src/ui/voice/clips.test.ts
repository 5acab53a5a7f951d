// @vitest-environment jsdom
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asFile, dropClip, keepClip, keptClip, onTakenBack, PEAKS, peaksOf, takeBack, type Clip } from "./clips";
import { piecesOf } from "./pieces";
import { withLength } from "./webm";

// jsdom's Blob cannot be read but through a FileReader; every browser's can.
Object.assign(Blob.prototype, {
  arrayBuffer(this: Blob) {
    return new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsArrayBuffer(this);
    });
  },
});

const clip = (type: string): Clip => ({ parts: [new Blob(["one"]), new Blob(["two"])], type, duration_s: 4.2345, peaks: [0, 100] });

describe("a recording", () => {
  test("goes with its message as one file that names no codec", async () => {
    const file = await asFile(clip("audio/webm;codecs=opus"));
    expect([file.field, file.name, file.blob.type]).toEqual(["voice", "voice.webm", "audio/webm"]);
    expect(file.meta).toEqual({ duration_s: 4.2, peaks: [0, 100] });
    expect(file.blob.size).toBe(6);
    expect((await asFile(clip("audio/mp4"))).name).toBe("voice.mp4");
  });

  test("is kept for one person in one conversation, until it is dropped", async () => {
    await keepClip("wang", "case-1", clip("audio/webm"));
    expect((await keptClip("wang", "case-1"))?.duration_s).toBe(4.2345);
    expect(await keptClip("wang", "case-2")).toBeNull();
    expect(await keptClip("li", "case-1")).toBeNull();
    await dropClip("wang", "case-1");
    expect(await keptClip("wang", "case-1")).toBeNull();
  });

  test("is there again when its message was called back", async () => {
    let told = 0;
    const off = onTakenBack("zhao", "case-1", () => told++);
    await takeBack("zhao", "case-1", await asFile(clip("audio/webm")));
    await takeBack("zhao", "case-2", await asFile(clip("audio/webm")));
    off();
    expect(told).toBe(1);
    const kept = await keptClip("zhao", "case-1");
    expect([kept?.duration_s, kept?.peaks, kept?.type]).toEqual([4.2, [0, 100], "audio/webm"]);
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

describe("a WebM without a length", () => {
  // As Chromium writes it: EBML header, a segment of unknown size, Info with its scale, Tracks.
  const info = [0x2a, 0xd7, 0xb1, 0x83, 0x0f, 0x42, 0x40, 0x4d, 0x80, 0x81, 0x43];
  const head = [0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  const rest = [0x16, 0x54, 0xae, 0x6b, 0x81, 0x00, 0x1f, 0x43, 0xb6, 0x75, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 9, 9, 9];
  const bytes = async (blob: Blob) => [...new Uint8Array(await blob.arrayBuffer())];

  test("gets one, and nothing else of it changes", async () => {
    const made = await bytes(await withLength(new Blob([new Uint8Array([...head, 0x15, 0x49, 0xa9, 0x66, 0x80 + info.length, ...info, ...rest])], { type: "audio/webm" }), 4.5));
    const duration = made.slice(head.length + 12 + info.length, head.length + 12 + info.length + 11);
    expect(duration.slice(0, 3)).toEqual([0x44, 0x89, 0x88]);
    expect(new DataView(new Uint8Array(duration).buffer).getFloat64(3)).toBe(4500);
    expect(made.slice(0, head.length)).toEqual(head);
    expect(made.slice(head.length, head.length + 12)).toEqual([0x15, 0x49, 0xa9, 0x66, 1, 0, 0, 0, 0, 0, 0, info.length + 11]);
    expect(made.slice(head.length + 12, head.length + 12 + info.length)).toEqual(info);
    expect(made.slice(-rest.length)).toEqual(rest);
  });

  test("stays as it is when it is anything else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
        const sent = new Blob([new Uint8Array(noise)]);
        expect(await withLength(sent, 3)).toBe(sent);
      }),
    );
    const cut = new Blob([new Uint8Array([...head, 0x15, 0x49, 0xa9, 0x66, 0x80 + info.length, ...info.slice(2)])]);
    expect(await withLength(cut, 3)).toBe(cut);
    const placed = new Blob([new Uint8Array([...head, 0x11, 0x4d, 0x9b, 0x74, 0x81, 0, 0x15, 0x49, 0xa9, 0x66, 0x80 + info.length, ...info, ...rest])]);
    expect(await withLength(placed, 3)).toBe(placed);
    const mp4 = new Blob([new Uint8Array([0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70])]);
    expect(await withLength(mp4, 3)).toBe(mp4);
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
