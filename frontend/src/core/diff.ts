export interface Change {
  kind: "same" | "removed" | "added";
  text: string;
}

/** Above this many words a side, words are not compared: the whole text is shown as replaced. */
const MOST_WORDS = 2_000;

/** What was taken away and what was put in, word by word: a Chinese character, a run of other letters or digits, or anything between. */
export function wordDiff(before: string, after: string): Change[] {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  if (a.length > MOST_WORDS || b.length > MOST_WORDS) return joined([removed(before), added(after)]);
  const common = lengths(a, b);
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [old, now] = [a[i], b[j]];
    if (old !== undefined && old === now) {
      changes.push({ kind: "same", text: old });
      i++;
      j++;
    } else if (now === undefined || (old !== undefined && at(common, i + 1, j) >= at(common, i, j + 1))) {
      changes.push(removed(old ?? ""));
      i++;
    } else {
      changes.push(added(now));
      j++;
    }
  }
  return joined(changes);
}

const removed = (text: string): Change => ({ kind: "removed", text });
const added = (text: string): Change => ({ kind: "added", text });
const at = (table: readonly Uint16Array[], i: number, j: number) => table[i]?.[j] ?? 0;

function wordsOf(text: string): string[] {
  return text.match(/\p{Script=Han}|[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*|\s+|[^\p{L}\p{N}\s]/gu) ?? [];
}

/** Length of the longest common subsequence of a[i..] and b[j..]. */
function lengths(a: readonly string[], b: readonly string[]): Uint16Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const row = table[i];
    for (let j = b.length - 1; row && j >= 0; j--) {
      row[j] = a[i] === b[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  }
  return table;
}

/** Neighbours of one kind become one piece. */
function joined(changes: readonly Change[]): Change[] {
  const whole: Change[] = [];
  for (const change of changes) {
    const last = whole.at(-1);
    if (change.text === "") continue;
    if (last?.kind === change.kind) last.text += change.text;
    else whole.push({ ...change });
  }
  return whole;
}
