import { describe, expect, test } from "vitest";
import { metricOf, numberOf, problemsOf, valueOf, type EntryForm } from "./entryForm";

const form = (part: Partial<EntryForm>): EntryForm => ({ kind: "note", text: "复诊", number: "", metric: "none", reason: "", ...part });

describe("what Nurse Sun types as a number", () => {
  test("is read with the points and digits of a Chinese keyboard", () => {
    expect(numberOf("１４８")).toBe(148);
    expect(numberOf(" 5.8 ")).toBe(5.8);
    expect(numberOf("5，8")).toBe(5.8);
    expect(numberOf("36。5")).toBe(36.5);
  });

  test("is refused when it is not one number, instead of becoming another", () => {
    for (const typed of ["", "148/88", "1e3", "约 5", "5.", "--5", "NaN"]) expect(numberOf(typed), typed).toBeNull();
  });
});

describe("a chart entry", () => {
  test("carries its unit and code only when it is a reading of something", () => {
    expect(valueOf(form({ kind: "reading", metric: "glucose", number: "5.8" }))).toEqual({ number: 5.8, unit: "mmol/L", code: "1558-6" });
    expect(valueOf(form({ kind: "note", metric: "glucose", number: "5.8" }))).toBeNull();
    expect(valueOf(form({ kind: "reading" }))).toBeNull();
    expect(metricOf({ number: 148, unit: "mmHg", code: "8480-6" })).toBe("systolic");
    expect(metricOf({ number: 1, unit: "x", code: "not one of ours" })).toBe("none");
  });

  test("names what is missing; a correction needs its reason", () => {
    expect(problemsOf(form({ text: " " }), false)).toEqual(["text"]);
    expect(problemsOf(form({ kind: "reading", metric: "pulse", number: "快" }), false)).toEqual(["number"]);
    expect(problemsOf(form({}), true)).toEqual(["reason"]);
    expect(problemsOf(form({ reason: "剂量抄错" }), true)).toEqual([]);
  });
});
