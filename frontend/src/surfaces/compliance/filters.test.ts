import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { datesReversed, FILTERS, notApplied, readFilters, refusedFilters, without, writeFilters, type Filters } from "./filters";

const value = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).map((text) => text.trim()).filter((text) => text !== "");
const filters = fc.dictionary(fc.constantFrom(...FILTERS), value, { maxKeys: FILTERS.length, noNullPrototype: true }) as fc.Arbitrary<Filters>;

describe("Officer Zhou's search", () => {
  test("is the same search after a reload, whatever she typed", () => {
    fc.assert(
      fc.property(filters, fc.integer({ min: 1, max: 500 }), (asked, page) => {
        expect(readFilters(writeFilters(asked, page))).toEqual({ filters: asked, page, asked: true });
      }),
    );
  });

  test("without any filter is a search too, and an untouched page is none", () => {
    expect(readFilters(writeFilters({})).asked).toBe(true);
    expect(readFilters("").asked).toBe(false);
  });

  test("leaves out fields that hold only spaces", () => {
    expect(readFilters(writeFilters({ patient: "  ", doctor: " 赵 " })).filters).toEqual({ doctor: "赵" });
  });

  test("starts at the first page when the address names none or nonsense", () => {
    for (const page of ["", "0", "-3", "two"]) expect(readFilters(`?page=${page}`).page).toBe(1);
  });

  test("names every filter that the server did not apply", () => {
    const asked = { patient: "王", state: "closed", from: "2026-11-01" };
    expect(notApplied(asked, [{ name: "patient" }, { name: "state" }])).toEqual(["from"]);
    expect(notApplied(asked, [{ name: "state" }, { name: "from" }, { name: "patient" }])).toEqual([]);
  });

  test("loses exactly the filter that is taken away", () => {
    expect(without({ patient: "王", state: "closed" }, "state")).toEqual({ patient: "王" });
  });

  test("names the filters that the server refused, and nothing that is none", () => {
    expect(refusedFilters({ number: "no such number", page: "too large" })).toEqual([["number", "no such number"]]);
    expect(refusedFilters(null)).toEqual([]);
  });

  test("notices an end before its beginning", () => {
    expect(datesReversed({ from: "2026-11-21", to: "2026-11-20" })).toBe(true);
    expect(datesReversed({ from: "2026-11-21", to: "2026-11-21" })).toBe(false);
    expect(datesReversed({ to: "2026-11-21" })).toBe(false);
  });
});
