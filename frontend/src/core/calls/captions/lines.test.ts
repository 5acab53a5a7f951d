import fc from "fast-check";
import { expect, test } from "vitest";
import { withLine, type Line } from "./lines";

const said = (number: number, text: string, final: boolean, person = "wang") => ({ person, number, text, final });
const shown = (...all: ReturnType<typeof said>[]) => all.reduce<readonly Line[]>(withLine, []);

test("Wang's line is the same one while its words become clearer", () => {
  const [first, second] = shown(said(0, "医生", false), said(0, "医生，我", true), said(1, "血压", false));
  expect([first, second].map((line) => line?.text)).toEqual(["医生，我", "血压"]);
});

test("however often the server counts from 0 again, no two lines on the screen are taken for one", () => {
  const lines = fc.array(fc.record({ person: fc.constantFrom("wang", "zhao"), number: fc.nat(2), text: fc.string(), final: fc.boolean() }));
  fc.assert(
    fc.property(lines, (all) => {
      const keys = shown(...all).map((line) => line.key);
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});
