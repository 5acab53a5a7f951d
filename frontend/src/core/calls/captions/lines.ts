import type { FrameOf } from "../../protocol";

type Said = Pick<FrameOf<"captions.line">, "person" | "number" | "text" | "final">;

/** `key`: its own as long as it is shown; the server counts each person's from 0 again after every interruption. */
export interface Line extends Said {
  key: number;
}

const SHOWN = 2;

/** What is on the screen after one more line: the last ones of the call, of whoever speaks, each in the newest words there are for it. */
export function withLine(lines: readonly Line[], { person, number, text, final }: Said): readonly Line[] {
  const known = lines.find((one) => one.person === person && one.number === number && !one.final);
  const line = { person, number, text, final, key: known?.key ?? (lines.at(-1)?.key ?? 0) + 1 };
  return known ? lines.map((one) => (one === known ? line : one)) : [...lines, line].slice(-SHOWN);
}
