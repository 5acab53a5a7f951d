import { database } from "./db";
import { RequestFailed } from "./errors";

/** What a patient saw last is in this browser for so long, to be shown at once and without a network. The session itself lasts no
 * longer without a sign of life. */
const KEPT_MS = 12 * 3600_000;
/** Conversations; the least recent make room. */
const CONVERSATIONS = 20;

export const conversationCopy = (id: string): string => `conversation:${id}`;

/** Whose copies these are: one person's at a time, and nobody's where staff work. */
let owner: string | null = null;

/** Removes what others left, and begins to keep copies for this person where `keeping`. */
export async function keepCopiesFor(person: string, keeping: boolean): Promise<void> {
  owner = keeping ? person : null;
  const db = await database();
  const strange = (await db.getAll("snapshots")).filter((copy) => copy.owner !== person);
  await db.write(["snapshots"], (open) => strange.forEach((copy) => open("snapshots").delete(copy.key)));
}

export async function forgetCopies(): Promise<void> {
  owner = null;
  await (await database()).clear("snapshots");
}

export async function keepCopy(what: string, value: unknown): Promise<void> {
  if (owner === null) return;
  await (await database()).put("snapshots", { key: `${owner}:${what}`, owner, at: Date.now(), value });
}

export async function copyOf(what: string): Promise<{ at: number; value: unknown } | null> {
  if (owner === null) return null;
  const copy = await (await database()).get("snapshots", `${owner}:${what}`);
  return copy && Date.now() - copy.at < KEPT_MS ? copy : null;
}

export async function dropCopy(what: string): Promise<void> {
  if (owner !== null) await (await database()).delete("snapshots", `${owner}:${what}`);
}

/** Leaves the newest conversations. */
export async function trimCopies(): Promise<void> {
  const db = await database();
  const mine = (await db.getAllFromIndex("snapshots", "owner", owner ?? "")).filter((copy) => copy.key.includes(`:${conversationCopy("")}`));
  const old = mine.sort((a, b) => b.at - a.at).slice(CONVERSATIONS);
  await db.write(["snapshots"], (open) => old.forEach((copy) => open("snapshots").delete(copy.key)));
}

/** Asks the server and keeps the answer; without a network, the last one. */
export async function orCopy<Value>(what: string, ask: () => Promise<Value>): Promise<Value> {
  try {
    const value = await ask();
    await keepCopy(what, value).catch(() => undefined); // a full or forbidden store only keeps nothing
    return value;
  } catch (error) {
    const copy = isAway(error) ? await copyOf(what).catch(() => null) : null;
    if (!copy) throw error;
    return copy.value as Value;
  }
}

/** Whether the server was not reached at all. */
export function isAway(error: unknown): boolean {
  return error instanceof RequestFailed && error.status === 0;
}
