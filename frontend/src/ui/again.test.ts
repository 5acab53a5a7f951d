import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { askAgain } from "./again";

test("a bell that rings before the first answer has come is not lost", async () => {
  const queries = new QueryClient();
  const answers: ((value: string) => void)[] = [];
  const queryFn = () => new Promise<string>((answer) => answers.push(answer));
  const leave = new QueryObserver(queries, { queryKey: ["consultations"], queryFn }).subscribe(() => undefined);
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  const rung = askAgain(queries, { queryKey: ["consultations"] });
  answers[0]?.("before the bell");
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.("after the bell");
  await rung;
  expect(queries.getQueryData(["consultations"])).toBe("after the bell");
  leave();
});
