import { expect, test } from "vitest";
import { clientIds } from "./ids";

test("Dr Zhao's entry keeps its id as long as its words stay, and a changed one is another", () => {
  const idOf = clientIds();
  const first = idOf({ text: "血压 150/90" });
  expect(idOf({ text: "血压 150/90" })).toBe(first);
  const second = idOf({ text: "血压 140/90" });
  expect(second).not.toBe(first);
  expect(idOf({ text: "血压 150/90" })).not.toBe(first);
  expect(clientIds()({ text: "血压 140/90" })).not.toBe(second);
});
