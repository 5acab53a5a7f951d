import { fromBase64 } from "../bytes";
import { database, type KeptSlice, type KeptTake } from "../db";

/** What of a take is not sent yet: bytes from `offset` on, to `captured_ms` of its own time. */
export interface Slice {
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
  captured_ms: number;
}

/** On the disk until the server has it, sealed: a browser may be shared, and what was said is nobody's to find. The key comes from the
 * server and is kept in memory only, so that a recording which was withdrawn cannot be opened here either. */

const ALGORITHM = "AES-GCM";
const IV_BYTES = 12;

/** `text`: base64, as the server gives it. */
export function keyFrom(text: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", fromBase64(text), ALGORITHM, false, ["encrypt", "decrypt"]);
}

/** Another slice, and how long the take is with it: both or neither. Rejects with the browser's error, as when the disk is full. */
export async function keep(take: KeptTake, key: CryptoKey, slice: Slice): Promise<void> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt({ name: ALGORITHM, iv, additionalData: bound(take.id, slice.offset) }, key, slice.bytes);
  const kept: KeptSlice = { take: take.id, offset: slice.offset, captured_ms: slice.captured_ms, iv, sealed };
  const db = await database();
  await db.write(["takes", "slices"], (open) => {
    open("takes").put(take);
    open("slices").add(kept);
  });
}

/** Everything kept of a take, in order, as far as it is whole: what follows a hole would be a file that no player understands. */
export async function restore(take: KeptTake, key: CryptoKey): Promise<Slice[]> {
  const kept = await (await database()).getAllFromIndex("slices", "take", take.id);
  const slices: Slice[] = [];
  for (const { offset, captured_ms, iv, sealed } of kept.sort((a, b) => a.offset - b.offset)) {
    const last = slices.at(-1);
    if (last && last.offset + last.bytes.length !== offset) break;
    const clear = await crypto.subtle.decrypt({ name: ALGORITHM, iv, additionalData: bound(take.id, offset) }, key, sealed);
    slices.push({ offset, captured_ms, bytes: new Uint8Array(clear) });
  }
  return slices;
}

/** Drops what the server has: every slice that ends at `offset` or before. `whole`: the size of each. */
export async function forgetUntil(take: string, offset: number): Promise<void> {
  const db = await database();
  const kept = await db.getAllFromIndex("slices", "take", take);
  // AES-GCM adds a tag of 16 bytes.
  const had = kept.filter((slice) => slice.offset + slice.sealed.byteLength - 16 <= offset);
  await db.write(["slices"], (open) => had.forEach((slice) => open("slices").delete(slice.order ?? -1)));
}

export async function forget(take: string): Promise<void> {
  const db = await database();
  const kept = await db.getAllFromIndex("slices", "take", take);
  await db.write(["takes", "slices"], (open) => {
    open("takes").delete(take);
    kept.forEach((slice) => open("slices").delete(slice.order ?? -1));
  });
}

/** What this person's devices of this browser have not sent. */
export async function keptTakes(owner: string): Promise<KeptTake[]> {
  return (await (await database()).getAll("takes")).filter((take) => take.owner === owner);
}

const bound = (take: string, offset: number) => new TextEncoder().encode(`${take}@${offset}`);
