export interface Piece {
  text: string;
  doubtful: boolean;
}

/** A text cut where doubtful stretches begin and end. `low` counts code points, as the server does, not UTF-16 units. */
export function piecesOf(text: string, low: readonly (readonly number[])[]): Piece[] {
  const points = Array.from(text);
  const pieces: Piece[] = [];
  let from = 0;
  const take = (to: number, doubtful: boolean) => {
    if (to > from) pieces.push({ text: points.slice(from, to).join(""), doubtful });
    from = Math.max(from, to);
  };
  for (const [start = 0, end = 0] of low) {
    take(Math.min(start, points.length), false);
    take(Math.min(end, points.length), true);
  }
  take(points.length, false);
  return pieces;
}
