import { describe, expect, it } from "vitest";
import type { PackPreview } from "./api";
import { scopeOf, THIS_CASE, wishOf } from "./choice";

const preview = { cases: [{ grant: "mine" }, { grant: "second" }, { grant: "third" }], missing: [], missing_total: 0 } as unknown as PackPreview;

describe("what goes into the next pack", () => {
  it("is this case alone, until more is chosen", () => {
    expect(scopeOf(THIS_CASE)).toEqual({ of: "case", content: [] });
    expect(wishOf(THIS_CASE, "mine", undefined)).toEqual({ content: [], also: [], printed: false, quality: false });
  });

  it("is every case that the preview names, but those that were taken out", () => {
    expect(wishOf({ ...THIS_CASE, of: "patient", left: ["third"] }, "mine", preview)?.also).toEqual(["second"]);
  });

  it("is not known before the preview is there", () => {
    expect(wishOf({ ...THIS_CASE, of: "patient" }, "mine", undefined)).toBeNull();
  });

  it("of a period needs both days, in order", () => {
    const period = { ...THIS_CASE, of: "period" as const, since: "2026-11-01" };
    expect(scopeOf(period)).toBeNull();
    expect(scopeOf({ ...period, until: "2026-10-31" })).toBeNull();
    expect(scopeOf({ ...period, until: "2026-11-30" })).toEqual({ of: "period", content: [], since: "2026-11-01", until: "2026-11-30" });
  });
});
