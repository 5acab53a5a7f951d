import { expect, test } from "vitest";
import { columnsFor, roomFor } from "./AttachmentList";
import { partsOf } from "./Outgoing";

test("a picture's room is known before it comes", () => {
  expect(roomFor({ width: 2560, height: 1920 })).toEqual([240, 180]);
  expect(roomFor({ width: 1920, height: 2560 })).toEqual([240, 320]);
  expect(roomFor({ width: 100, height: 3000 })).toEqual([44, 320]);
  expect(roomFor({ width: 100, height: 80 })).toEqual([100, 80]);
});

test("several pictures stand in rows of equal tiles", () => {
  expect([0, 1, 2, 4, 5, 9].map(columnsFor)).toEqual([1, 1, 2, 2, 3, 3]);
});

test("the progress of all files is told as the progress of each", () => {
  const files = [300, 100, 0].map((size) => ({ field: "attachments" as const, blob: new Blob([new Uint8Array(size)]), name: "a", meta: {} }));
  expect(partsOf(files, 0)).toEqual([0, 0, 1]);
  expect(partsOf(files, 0.5)).toEqual([200 / 300, 0, 1]);
  expect(partsOf(files, 0.875)).toEqual([1, 0.5, 1]);
  expect(partsOf(files, 1)).toEqual([1, 1, 1]);
});
