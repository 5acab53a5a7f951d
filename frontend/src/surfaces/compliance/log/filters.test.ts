import { expect, test } from "vitest";
import { chosen, fromAddress, toAddress } from "./filters";

test("the address says what the log is narrowed by, and nothing else", () => {
  const filters = { to: "2026-11-29", person: " 周宁 ", act: "", colour: "red" };
  expect(chosen(filters)).toEqual({ person: "周宁", to: "2026-11-29" });
  expect(fromAddress(toAddress(filters).slice("/log".length))).toEqual(chosen(filters));
  expect(toAddress({})).toBe("/log");
});
