import { toBase64, type Bytes } from "./bytes";
import { decode, rootOf, sha256, signedBy, type LedgerKey, type SignedReceipt } from "./receipts";
import type { Receipt } from "./db";

/** `in`: what the receipt is for is in the signed ledger, proven here and not only said. `waiting`: not yet. `absent`: the server does not show it,
 * which it promised by signing the receipt. */
export type Place = "in" | "waiting" | "absent" | "wrong" | "unsupported";

/** A parsed C2SP tlog-proof: an entry, its place, the path to the root that the checkpoint signs. */
interface Proof {
  entry: Bytes;
  index: number;
  path: string[];
  /** The checkpoint's text, with its last newline, and its signature lines. */
  text: string;
  signatures: string[];
}

const HEADER = "c2sp.org/tlog-proof@v1";
const NUMBER = /^(0|[1-9][0-9]{0,14})$/;
const KEY_ID_BYTES = 4;

/** Ask the server for the proof that the receipt's entry is in the ledger, and check it. Rejects when it cannot be reached. */
export async function findInLedger(kept: Receipt, keys: readonly LedgerKey[]): Promise<Place> {
  const answer = await fetch(`/api/consultations/${kept.consultation}/events/${kept.seq}/proof`, { credentials: "same-origin" });
  if (answer.status === 409) return "waiting";
  if (answer.status === 404) return "absent";
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  return checkProof(await answer.text(), (kept.receipt as SignedReceipt).leaf, keys);
}

/** Whether the proof shows that the entry with this hash (base64) is in a tree that one of the keys signed. */
export async function checkProof(proof: string, leaf: string, keys: readonly LedgerKey[]): Promise<Place> {
  try {
    const { entry, index, path, text, signatures } = parse(proof);
    if (toBase64(await sha256(Uint8Array.of(0), entry)) !== leaf) return "wrong";
    const [origin, size = "", root, ...more] = text.split("\n");
    const key = keys.find((one) => one.name === origin && signatures.some((line) => line.startsWith(`— ${one.name} `)));
    if (!key || !NUMBER.test(size) || more.join() !== "") return "wrong";
    if (toBase64(await rootOf({ leaf, index, size: Number(size), path })) !== root) return "wrong";
    return await signed(key, text, signatures);
  } catch {
    return "wrong";
  }
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
