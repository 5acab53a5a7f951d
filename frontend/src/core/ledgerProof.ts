import { toBase64, type Bytes } from "./bytes";
import { decode, rootOf, sha256, signedBy, type LedgerKey, type SignedReceipt } from "./receipts";
import type { Receipt } from "./db";

/** `in`: what the receipt is for is in the signed ledger, proven here and not only said. `waiting`: not yet. `absent`: the server does not show it,
 * which it promised by signing the receipt. `other`: the receipt is for an entry about something else than what was sent. */
export type Place = "in" | "waiting" | "absent" | "other" | "wrong" | "unsupported";

/** What an entry says of the act that it is for. */
interface Act {
  actor: string | null;
  chain: string;
  ids: Record<string, string>;
  kind: string;
  seq: number;
}

/** A parsed C2SP tlog-proof: an entry, its place, the path to the root that the checkpoint signs. */
interface Proof {
  entry: Bytes;
  index: number;
  path: string[];
  /** The checkpoint's text, with its last newline, and its signature lines. */
  text: string;
  signatures: string[];
}

/** Only messages get receipts. */
const POSTED = "message.posted";
const HEADER = "c2sp.org/tlog-proof@v1";
const NUMBER = /^(0|[1-9][0-9]{0,14})$/;
const KEY_ID_BYTES = 4;

/** Ask the server for the proof that the receipt's entry is in the ledger, and check it. Rejects when it cannot be reached. */
export async function findInLedger(kept: Receipt, keys: readonly LedgerKey[]): Promise<Place> {
  const answer = await fetch(`/api/consultations/${kept.consultation}/events/${kept.seq}/proof`, { credentials: "same-origin" });
  if (answer.status === 409) return "waiting";
  if (answer.status === 404) return "absent";
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  return checkProof(await answer.text(), kept, keys);
}

/** Whether the proof shows that the entry of the receipt is of the message that was sent, and in a tree that one of the keys signed. */
export async function checkProof(proof: string, kept: Receipt, keys: readonly LedgerKey[]): Promise<Place> {
  try {
    const { leaf } = kept.receipt as SignedReceipt;
    const { entry, index, path, text, signatures } = parse(proof);
    if (toBase64(await sha256(Uint8Array.of(0), entry)) !== leaf) return "wrong";
    const [origin, size = "", root, ...more] = text.split("\n");
    const key = keys.find((one) => one.name === origin && signatures.some((line) => line.startsWith(`— ${one.name} `)));
    if (!key || !NUMBER.test(size) || more.join() !== "") return "wrong";
    if (toBase64(await rootOf({ leaf, index, size: Number(size), path })) !== root) return "wrong";
    const place = await signed(key, text, signatures);
    return place === "in" && !isOf(entry, kept) ? "other" : place;
  } catch {
    return "wrong";
  }
}

/** A server could sign a receipt for any entry that there is, and drop the message. */
function isOf(entry: Bytes, kept: Receipt): boolean {
  const { actor, chain, ids, kind, seq } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(entry)) as Act;
  return chain === kept.consultation && seq === kept.seq && kind === POSTED && actor === kept.owner && ids["client"] === kept.client_id;
}

async function signed(key: LedgerKey, text: string, signatures: readonly string[]): Promise<Place> {
  for (const line of signatures.filter((one) => one.startsWith(`— ${key.name} `))) {
    const raw = decode(line.slice(`— ${key.name} `.length));
    const good = await signedBy(key, raw.slice(KEY_ID_BYTES), text);
    if (good !== false) return good ? "in" : "unsupported";
  }
  return "wrong";
}

function parse(proof: string): Proof {
  const [head = "", text = "", signatures = "", ...more] = proof.split("\n\n");
  const [header, extra = "", index = "", ...path] = head.split("\n");
  const place = index.slice("index ".length);
  const formed = header === HEADER && extra.startsWith("extra ") && index.startsWith("index ") && NUMBER.test(place);
  if (!formed || more.length || !signatures.endsWith("\n")) throw new Error("not a proof");
  return { entry: decode(extra.slice("extra ".length)), index: Number(place), path, text: `${text}\n`, signatures: signatures.slice(0, -1).split("\n") };
}
