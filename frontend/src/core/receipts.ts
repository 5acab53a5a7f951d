import { api, take } from "./api";
import { fromBase64, hex, toBase64, type Bytes } from "./bytes";
import { database, type Receipt } from "./db";

/** The receipts that this browser keeps: the server's signed word, given with the acknowledgement, that what somebody sent was stored.
 * One signature serves a commit: it covers the root of a Merkle tree (RFC 9162) over what was stored together, and each receipt carries the path
 * from its own entry to that root (records/ledger/receipts.py). */
export interface SignedReceipt {
  /** Hash of the entry in the ledger, base64. */
  leaf: string;
  index: number;
  size: number;
  path: readonly string[];
  /** When it was stored, ms since epoch, by the server's clock. */
  at: number;
  sig: string;
  /** Which key signed, hex. */
  key: string;
}

/** The ledger's public key under its name (C2SP signed-note: `name+id+base64`). */
export interface LedgerKey {
  name: string;
  id: string;
  bytes: Bytes;
  /** As it was read. */
  text: string;
}

/** `other_key`: signed with a key that is not the given one. `unsupported`: this browser cannot check Ed25519 signatures. */
export type Verdict = "valid" | "wrong" | "other_key" | "unsupported";


const ED25519 = 1;
const HASH_BYTES = 32;
const MAX_SIZE = 2 ** 20;
const MEMBERS = ["at", "index", "key", "leaf", "path", "sig", "size"].join();

/** The ledger's key as the server gives it now, and the one that it gave this browser first: a hospital that changes it must say why. */
export interface KnownKeys {
  current: LedgerKey;
  first: LedgerKey;
}

const FIRST_KEY = "xinqiao.ledger-key";

export async function getLedgerKeys(): Promise<KnownKeys> {
  const text = (await take(api.GET("/api/ledger/key"))).key;
  const current = await parseKey(text);
  const first = await parseKey(localStorage.getItem(FIRST_KEY) ?? "").catch(() => null);
  if (first) return { current, first };
  try {
    localStorage.setItem(FIRST_KEY, text);
  } catch {
    // A browser that keeps nothing cannot notice a change.
  }
  return { current, first: current };
}

/** What `owner` keeps in this browser, newest first. */
export async function keptReceipts(owner: string, most: number): Promise<Receipt[]> {
  const all = await (await database()).getAll("receipts");
  return all
    .filter((one) => one.owner === owner && one.receipt !== null)
    .sort((a, b) => b.at - a.at)
    .slice(0, most);
}

/** Throws for what is not the public key of a ledger. */
export async function parseKey(text: string): Promise<LedgerKey> {
  const [name = "", id = "", ...rest] = text.split("+");
  const raw = decode(rest.join("+"));
  const bytes = raw.slice(1);
  if (!name || raw[0] !== ED25519 || bytes.length !== HASH_BYTES) throw new Error("not a ledger's key");
  const digest = await sha256(new TextEncoder().encode(`${name}\n`), raw);
  if (hex(digest.slice(0, 4)) !== id) throw new Error("the key does not have its id");
  return { name, id, bytes, text };
}

export async function checkReceipt(receipt: unknown, keys: readonly LedgerKey[]): Promise<Verdict> {
  if (!isReceipt(receipt)) return "wrong";
  const key = keys.find((one) => one.id === receipt.key);
  if (!key) return "other_key";
  const root = await rootOf(receipt).catch(() => null);
  if (!root) return "wrong";
  const signed = `xinqiao/receipt/v1\n${key.name}\n${receipt.size}\n${toBase64(root)}\n${receipt.at}\n`;
  const good = await signedBy(key, receipt.sig, signed);
  return good === null ? "unsupported" : good ? "valid" : "wrong";
}

function isReceipt(value: unknown): value is SignedReceipt {
  if (typeof value !== "object" || value === null || Object.keys(value).sort().join() !== MEMBERS) return false;
  const { leaf, index, size, path, at, sig, key } = value as Record<string, unknown>;
  const numbers = [index, size, at].every(Number.isSafeInteger);
  const texts = [leaf, sig, key].every((one) => typeof one === "string");
  const hashes = Array.isArray(path) && path.every((one) => typeof one === "string");
  return numbers && texts && hashes && (index as number) >= 0 && (index as number) < (size as number) && (size as number) <= MAX_SIZE;
}

/** RFC 9162 section 2.1.3.2: the root that the path leads to. Throws for a path of the wrong form. */
export async function rootOf({ leaf, index, size, path }: Pick<SignedReceipt, "leaf" | "index" | "size" | "path">): Promise<Bytes> {
  let root = hash(leaf);
  let place = index;
  let last = size - 1;
  for (const step of path) {
    if (last === 0) throw new Error("the path is too long");
    const beside = hash(step);
    const fromLeft = place % 2 === 1 || place === last;
    root = await sha256(Uint8Array.of(1), ...(fromLeft ? [beside, root] : [root, beside]));
    // A node without a sibling moves up until it has one.
    while (fromLeft && place % 2 === 0 && place !== 0) [place, last] = [place >> 1, last >> 1];
    [place, last] = [place >> 1, last >> 1];
  }
  if (last !== 0) throw new Error("the path is too short");
  return root;
}

/** Whether the key signed the text; null where this browser cannot tell. */
export async function signedBy(key: LedgerKey, signature: string | Bytes, text: string): Promise<boolean | null> {
  try {
    const bytes = typeof signature === "string" ? decode(signature) : signature;
    const imported = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, bytes, new TextEncoder().encode(text));
  } catch (error) {
    return error instanceof NotCanonical ? false : null;
  }
}

class NotCanonical extends Error {}

function hash(text: string): Bytes {
  const bytes = decode(text);
  if (bytes.length !== HASH_BYTES) throw new Error("not a hash");
  return bytes;
}

/** Throws NotCanonical unless `text` is the one encoding of its bytes. */
export function decode(text: string): Bytes {
  try {
    const bytes = fromBase64(text);
    if (toBase64(bytes) === text) return bytes;
  } catch {
    // Not base64 at all.
  }
  throw new NotCanonical("not canonical base64");
}


export async function sha256(...parts: Bytes[]): Promise<Bytes> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}
