import type { FrameOf } from "../../protocol";

export type Line = Pick<FrameOf<"captions.line">, "person" | "number" | "text" | "final">;

const SHOWN = 2;

/** What is on the screen after one more line: the last ones of the call, of whoever speaks, each in the newest words there are for it. */
export function withLine(lines: readonly Line[], { person, number, text, final }: Line): readonly Line[] {
  const line = { person, number, text, final };
  const known = (one: Line) => one.person === person && one.number === number && !one.final;
  return lines.some(known) ? lines.map((one) => (known(one) ? line : one)) : [...lines, line].slice(-SHOWN);
}
