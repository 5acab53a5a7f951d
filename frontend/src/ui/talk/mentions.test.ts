import { expect, test } from "vitest";
import type { Person } from "@core/protocol";
import { calledIn, partsOf } from "./mentions";

const person = (id: string, name: string): Person => ({ id, name, title: null, department: null, role: "doctor" });
const SUN = person("sun", "孙婷");
const SUNLI = person("sunli", "孙婷丽");

test("a colleague is called by the at sign and the whole name, once each", () => {
  expect(calledIn("@孙婷 看一下，@孙婷 谢谢", [SUN, SUNLI])).toEqual(["sun"]);
  expect(calledIn("孙婷 看一下 @孙", [SUN])).toEqual([]);
});

test("of two names that begin alike the longer is meant", () => {
  expect(calledIn("请@孙婷丽会诊", [SUN, SUNLI])).toEqual(["sunli"]);
});

test("the words stay what they were", () => {
  const text = "请 @孙婷 看心电图，邮箱 a@b。";
  const parts = partsOf(text, ["孙婷"]);
  expect(parts.map((part) => part.text).join("")).toBe(text);
  expect(parts.filter((part) => part.called)).toEqual([{ text: "@孙婷", called: true }]);
});
